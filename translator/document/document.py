"""A Markdown document: parsed into units, rendered with translations."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from translator.document.blocks import Block
from translator.document.segmenter import Unit, Untouched, find_units

if TYPE_CHECKING:
    from translator.document.reading import Reading

Layout = Literal["english", "interleaved", "table"]
Order = Literal["source-first", "target-first"]


@dataclass(frozen=True, slots=True)
class Document:
    """A Markdown source and what is Korean prose in it.

    `source` is the text as it was, byte order mark and line ends included; `units` are in the order of the source;
    `untouched` names the Korean lines that no unit covers, with the reason.
    """

    source: str
    units: tuple[Unit, ...]
    blocks: tuple[Block, ...]
    untouched: tuple[Untouched, ...]

    @classmethod
    def parse(cls, text: str) -> "Document":
        """Finds the units of any Markdown text; never fails on odd Markdown, which is then simply text or no text."""
        blocks, units, untouched = find_units(text)
        return cls(text, units, blocks, untouched)

    def render(
        self,
        translations: Mapping[str, str],
        layout: Layout = "english",
        order: Order = "source-first",
        *,
        human: Collection[str] = (),
    ) -> str:
        """The document with translations, a map of unit id to target Markdown, in a layout.

        Units without a translation stay Korean; `render({})` is the source, byte for byte. Of Markdown a target may have what its
        Korean has; those that a person wrote, whose ids `human` has, also links, code, formulas, images and emphasis. Unknown ids
        raise KeyError.
        """
        from translator.document.reassembler import render

        return render(self, translations, layout, order, human)

    def read(self, text: str, layout: Layout | None = None, order: Order = "source-first") -> "Reading":
        """What a rendering of this document says of its units, also after a person has edited the English in it.

        Without a layout, layout and order are found out. What cannot be read, because more than the English was altered, is named in
        the result and not guessed. Read targets are as `canonical` gives them.
        """
        from translator.document.reading import detect, read

        return read(self, text, layout, order) if layout else detect(self, text)

    def canonical(self, translations: Mapping[str, str], *, human: Collection[str] = ()) -> dict[str, str | None]:
        """The targets that `read` finds in a rendering of these translations, by unit id, None for units that stay Korean.

        They are the translations, but for what a place in Markdown cannot keep (line breaks) and for escapes that make no difference
        there: rendering them gives the same text. A rendered text was edited where what is read differs from this.
        """
        from translator.document.reading import canonical

        return canonical(self, translations, human)
