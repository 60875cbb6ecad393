"""Whatever ids and classes a lesson has, the page's own script works."""

from __future__ import annotations

from pathlib import Path

import pytest
from browsing import visit
from building import Project
from playwright.sync_api import Browser

CLASSES = "theme tree-button search toc siblings columns site-header tree copy done math table code neighbours"
PARTS = "document window body main page words one all part search-results location name"
LESSON = f"""# Bài

<div class="columns"><nav class="toc"><p>x</p></nav><nav class="siblings"><a>y</a></nav></div>

<header class="site-header {CLASSES}"><p class="{CLASSES}">z</p></header>

{"".join(f'<p class="{name}" id="{name}">{name}</p>' for name in f"{CLASSES} {PARTS}".split())}

## Lại 100% {{#lai-100%}}

## Hai {{#%ff%41}}

## Ba {{#"'<>}}

<div class="code"></div>
<div class="code">x</div>
<details><summary>s</summary>t</details>

| a | b |
|---|---|
| {"dài" * 200} | y |

```python
print("một dòng rất dài, {"dài " * 100}")
```
"""


@pytest.fixture(scope="module", params=["several headings", "one heading", "a section"])
def hostile_page(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    project = Project(tmp_path_factory.mktemp("hostile") / "project")
    name = "a/index" if request.param == "a section" else "a/b"
    text = LESSON.replace("## Hai", "Hai").replace("## Ba", "Ba") if request.param == "one heading" else LESSON
    project.write(f"{name}.md", text)
    project.write("a/c.md", "# Khác\n\nChữ.\n")
    project.build()
    return project.output, f"{name}.html"


def test_no_name_in_a_lesson_stops_a_part_of_the_script(browser: Browser, hostile_page: tuple[Path, str]) -> None:
    site, name = hostile_page
    with visit(browser, site.as_uri() + "/") as reader:
        reader.go(name)
        page = reader.page
        assert page.locator("body > header button:visible").count() == 3
        assert page.locator("article button.copy").count() == 1, "of the one block of code that is one"
        page.wait_for_selector("article pre[tabindex]")
        page.emulate_media(media="print")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert page.locator("article details").get_attribute("open") is not None
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert page.locator("article details").get_attribute("open") is None
        page.emulate_media(media="screen")
        for theme in ("light", "dark", ""):
            page.click("body > header > .theme", force=True)
            assert page.locator("html").get_attribute("data-theme") == theme
        page.click("body > .columns > .tree .branch > button", force=True)
        page.wait_for_selector("body > .columns > .tree a:has-text('Khác')", state="attached")
        page.click("body > header > .tree-button", force=True)
        assert page.locator("body > .columns > .tree:visible").count() == 0
        page.keyboard.press("/")
        page.wait_for_selector("dialog.search-dialog[open]")
        reader.search("Khác")
        assert page.locator(".search-dialog [role=option]").count() == 1
        reader.check()


def test_a_part_that_fails_stops_no_other(browser: Browser, hostile_page: tuple[Path, str]) -> None:
    site, name = hostile_page
    with visit(browser, site.as_uri() + "/") as reader:
        reader.page.add_init_script("window.IntersectionObserver = window.ResizeObserver = undefined")
        reader.go(name)
        assert reader.page.locator("body > header button:visible").count() == 3
        assert reader.page.locator("article button.copy").count() == 1
        assert reader.complaints, "the browser's console has the error"
