"""page inputs -> what a page says of itself to search engines (schema.org, as JSON-LD)."""

from __future__ import annotations

from typing import Any

from pipeline.page.frame import absolute_url
from pipeline.paths import page_target
from pipeline.values import PageInputs


def describe_page(inputs: PageInputs) -> dict[str, Any]:
    """A `LearningResource` and its `BreadcrumbList`; addresses only when the site has one."""
    course = {"@type": "Course", "name": inputs.course_title, "url": inputs.base_url}
    described = {
        "@type": "Course" if inputs.kind == "home" else "LearningResource",
        "name": inputs.title,
        "description": inputs.summary,
        "inLanguage": inputs.language,
        "url": absolute_url(inputs.base_url, page_target(inputs.page)),
        "datePublished": inputs.date,
        "dateModified": inputs.updated,
        "isPartOf": None if inputs.kind == "home" else _filled(course),
    }
    graph = [_filled(described)]
    if inputs.breadcrumbs:
        trail = [(card.title, absolute_url(inputs.base_url, page_target(card.page))) for card in inputs.breadcrumbs]
        trail.append((inputs.title, ""))
        items = [
            _filled({"@type": "ListItem", "position": number, "name": name, "item": url})
            for number, (name, url) in enumerate(trail, 1)
        ]
        graph.append({"@type": "BreadcrumbList", "itemListElement": items})
    return {"@context": "https://schema.org", "@graph": graph}


def _filled(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value}
