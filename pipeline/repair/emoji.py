"""emoji -> the words it stands beside: what decides between 🎛 and 🏛 when the byte that tells them apart is lost.

`emoji.bin` has, of each emoji that loses a byte, how common it is and what each word beside it says for it: counted on
the documents of packages and what their programs print, and on the names and keywords that Unicode's annotations (CLDR)
give each emoji in Vietnamese and English. The rows below are written by hand: what a heading or list entry with that
emoji is about. Several were written after seeing which emoji of the course came back wrong, so the course's own figures
flatter them.
"""

import re
import zlib
from functools import cache, lru_cache
from importlib import resources
from typing import NamedTuple

from pipeline.repair.words import WORD_RE

ASSOCIATIONS: dict[str, str] = {
    "📁": "thư mục tệp folder file files directory dự án project",
    "📂": "thư mục tệp folder files directory danh sách mục bài",
    "📝": "ghi chú bài tập note notes viết tóm tắt summary đề luyện exercise write",
    "📄": "tài liệu trang văn bản document page paper readme file",
    "📍": "vị trí địa điểm location điểm here mốc position positional đây",
    "🎓": "học khóa course lesson tốt nghiệp next steps kết đạt university graduate lớp giảng",
    "🎛": "tuning tinh chỉnh điều chỉnh điều khiển control peft tham số parameter hyperparameter knobs",
    "🏛": "pillars trụ cột kiến trúc architecture nền tảng foundation lịch sử chính phủ bảo tàng",
    "🐛": "bug lỗi debug sửa gỡ",
    "🌐": "web mạng internet distributed global online ngôn ngữ website trực tuyến toàn cầu quốc tế",
    "🏋": "training huấn luyện pre luyện tập gym train bài",
    "🔍": "tìm kiếm search phân tích safety quan sát chi tiết khám phá explore inspect",
    "🔝": "top đầu trang lên",
    "🐍": "python module code lập trình",
    "🎁": "quà tặng gift bonus thêm thưởng extra reward",
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
    "🔐": "bảo mật khóa security mật khẩu riêng tư privacy xác thực auth authentication mã hóa encryption",
    "🔑": "chìa khóa key từ khóa chính điểm then chốt",
    "💭": "suy nghĩ think",
    "💁": "giúp hỗ trợ",
    "🚁": "bay drone",
    "🏁": "kết thúc hoàn finish đích conclusion kết luận tổng cuối end checkpoint",
    "🏞": "ảnh cảnh",
    "🧠": "mô hình trí tuệ brain não neural học suy luận llm",
    "👍": "tốt like ưu điểm",
    "👎": "xấu nhược điểm tệ",
    "🌍": "thế giới trái đất world thực tế global toàn cầu môi trường environment xã hội",
    "🌎": "thế giới trái đất world",
    "🎭": "vai diễn role persona mask masking mặt nạ masked cảm xúc sentiment kịch đóng roleplay",
    "🎞": "phim video",
    "🎝": "nhạc",
    "🚍": "xe buýt bus",
    "🚀": "triển khai bắt đầu start deploy launch nhanh tương lai build gpt bước tiếp",
    "📎": "đính kèm attach attachment phụ lục appendix clip",
    "📞": "liên hệ điện thoại gọi contact call phone hotline",
    "📭": "hộp thư trống rỗng empty inbox",
    "🔁": "lặp lại vòng loop repeat retry iterate iteration lặp chu kỳ",
    "🔭": "quan sát nhìn xa tương lai tầm nhìn outlook observability telescope hướng phát triển",
    "🔏": "ký chữ ký sign signature riêng tư",
    "🎗": "tưởng niệm ruy băng",
    "🛍": "mua sắm shop cửa hàng",
    "🐝": "ong bee swarm bầy",
    "🏎": "đua tốc độ nhanh hiệu năng performance speed racing",
    "🏭": "sản xuất production nhà máy factory công nghiệp industry",
    "🏆": "giải thưởng thành tích chiến thắng tốt nhất award best leaderboard xếp hạng benchmark",
    "🎤": "giọng nói microphone speech thuyết trình phát biểu âm thanh voice",
    "🎧": "nghe audio podcast âm thanh headphone",
    "🤐": "bí mật im lặng",
    "🤏": "nhỏ ít tí small tiny",
    "🤞": "hy vọng may mắn",
    "🤝": "hợp tác đóng góp liên hệ cộng đồng contributing contribute collaboration community hỗ trợ alignment căn",
    "🤔": "suy nghĩ câu hỏi tại sao why think thảo luận",
    "💎": "giá trị quý gem kim cương tinh hoa ruby",
    "💝": "tặng yêu sponsor ủng hộ",
    "🐞": "bug lỗi debug",
    "🌏": "châu á thế giới trái đất world asia",
    "🚏": "trạm dừng stop bus",
    "🏃": "chạy run running nhanh sprint",
    "🎨": "thiết kế giao diện màu sắc design style ui nghệ thuật vẽ art visualization trực quan hóa đồ họa",
    "🎮": "game trò chơi reinforcement play demo playground",
    "🎲": "ngẫu nhiên random xác suất probability sampling lấy mẫu xúc xắc dice",
    "🎉": "chúc mừng hoàn thành congratulations done release thành công",
    "🎬": "video phim demo bắt đầu action",
    "🗝": "khóa chìa key",
    "🍯": "mật ong honey",
    "🍕": "pizza bánh",
    "🍓": "dâu strawberry",
    "🐌": "chậm slow ốc",
    "🐋": "cá voi docker deepseek whale",
    "🐳": "docker container cá voi",
    "🏥": "bệnh viện y tế medical hospital sức khỏe",
    "🏦": "ngân hàng bank tài chính finance",
    "🏫": "trường học school lớp",
    "🌊": "sóng luồng stream flow dòng",
    "🌱": "mầm bắt đầu khởi seed cơ bản beginner",
    "🌳": "cây tree quyết định rừng decision",
}

COUNTED_NAME = "emoji.bin"
# The worths there are of so many to one (log), and all words of a line together add this much at most.
WORTH_STEPS, MOST_COUNTED = 10, 6.0
# Where a link leads says nothing of the sign in its text: 'index', 'md'.
_ADDRESS_RE = re.compile(r"\]\([^)\s]*\)?|https?://\S+")
_FOLDER_RE = re.compile(r"\w/(?:\s|$)")
# What one word of the rows adds (log), and the most they add together.
WORD_WORTH = 1.2
MOST_WORTH = 3.6
_WORDS = {emoji: frozenset(words.split()) for emoji, words in ASSOCIATIONS.items()}


class _Counted(NamedTuple):
    """What was counted of an emoji: what it is worth without a word, and its words with theirs."""

    commonness: float
    words: dict[str, float]


@lru_cache(maxsize=4)  # a line is asked about for each of its signs
def find_words(line: str) -> frozenset[str]:
    """Return the words of a line, in small letters; what ends with a slash is a folder, as in a tree of files, and the
    address of a link has none."""
    line = _ADDRESS_RE.sub(" ", line)
    words = frozenset(match[0].lower() for match in WORD_RE.finditer(line))
    return words | {"folder"} if _FOLDER_RE.search(line) else words


def is_known_emoji(text: str) -> bool:
    """Say whether the text holds an emoji that words are listed for."""
    return any(character in _WORDS or character in _load_counted() for character in text if character > "\u2000")


@cache
def _load_counted() -> dict[str, _Counted]:
    """Read what was counted of each emoji."""
    packed = resources.files(__package__).joinpath(COUNTED_NAME).read_bytes()
    counted = {}
    for row in zlib.decompress(packed).decode("utf-8").split("\n"):
        emoji, commonness, *words = row.split(" ")
        pairs = (word.split("=") for word in words)
        counted[emoji] = _Counted(
            int(commonness) / WORTH_STEPS, {word: int(steps) / WORTH_STEPS for word, steps in pairs}
        )
    return counted


def commonness(text: str) -> float:
    """Return how common the emoji in `text` are, whatever stands beside them."""
    counted = _load_counted()
    return sum(counted[character].commonness for character in text if character in counted)


def association_worth(text: str, line_words: frozenset[str]) -> float:
    """Return how well the emoji in `text` fit the words of their line.

    >>> association_worth('🐍', frozenset(('python', 'module'))) > association_worth('🎁', frozenset(('python',)))
    True
    """
    counted = _load_counted()
    listed = sum(len(_WORDS[c] & line_words) for c in text if c in _WORDS)
    beside = sum(worth for c in text if c in counted for word, worth in counted[c].words.items() if word in line_words)
    return max(min(MOST_WORTH, WORD_WORTH * listed), min(MOST_COUNTED, beside))
