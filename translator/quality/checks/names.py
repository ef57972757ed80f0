"""Latin names out of nowhere."""

import re
from collections.abc import Iterator

from translator.document.protection import protected_spans
from translator.quality.checks.check import Flag, Pair

_NAME = re.compile(r"[A-Z].*[A-Z]|[A-Z]\d|\d[A-Za-z]|[a-z][A-Z]")
# Names that English writes for Korean words as a matter of course.
_FOR_KOREAN = {
    "2d": "2\\s?차원|이차원", "3d": "3\\s?차원|삼차원|입체", "4d": "4\\s?차원",
    "ai": "인공\\s?지능", "asr": "음성\\s?인식", "chatgpt": "챗", "cpu": "중앙 처리", "deepmind": "딥마인드", "dna": "유전자", "eu": "유럽",
    "github": "깃허브", "gpu": "그래픽", "id": "식별", "imagenet": "이미지넷", "iot": "사물", "iphone": "아이폰", "it": "정보\\s?기술",
    "javascript": "자바\\s?스크립트", "latex": "라텍스", "linkedin": "링크드인", "llm": "언어\\s?모델", "ml": "기계\\s?학습|머신러닝",
    "mri": "자기\\s?공명", "nlp": "자연어", "openai": "오픈", "pdf": "문서", "pytorch": "파이토치", "qa": "질의|질문", "rl": "강화\\s?학습",
    "sota": "최첨단|최신|최고", "tts": "음성\\s?합성", "tv": "텔레비전", "uk": "영국", "us": "미국", "usa": "미국", "vqa": "시각적? 질",
    "youtube": "유튜브",
}  # fmt: skip


def invented_names(pair: Pair) -> Iterator[Flag]:
    """`invented-name` for a name of several capitals, or of capitals and digits, that neither the source's Latin nor its Korean nor the
    glossary has.
    """
    known: str | None = None
    for span in protected_spans(pair.prose):
        if span.kind != "name":
            continue
        for part in re.split(r"[-\u2010-\u2013'\u2019/.]", span.text):
            if len(part) < 2 or not _NAME.search(part) or re.fullmatch(r"\d+(?:x|th|st|nd|rd|s|[KMBT])", part):
                continue
            known = _letters(" ".join([pair.source, *pair.terms.values()])) if known is None else known
            name = _letters(part)
            korean = _FOR_KOREAN.get(name) or _FOR_KOREAN.get(name.removesuffix("s"))
            if name not in known and name.removesuffix("s") not in known and not (korean and re.search(korean, pair.source)):
                yield Flag("invented-name", part)


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9\u00c0-\u03ff]", "", text.casefold())
