"""What a built site weighs and whether its links lead anywhere: python benchmarks/newsletter_site.py NEWSLETTER/site"""

import re
import sys
from pathlib import Path
from urllib.parse import unquote, urldefrag

from lxml import html


def main(site: Path) -> None:
    pages = {path: html.parse(str(path)) for path in sorted(site.rglob("*.html"))}
    ids = {path.resolve(): set(tree.xpath("//@id")) for path, tree in pages.items()}
    links, broken = 0, []
    for path, tree in pages.items():
        for target in tree.xpath("//a/@href | //link[@rel='stylesheet']/@href | //script/@src | //img/@src"):
            if re.match(r"[a-z]+:", target):
                continue
            links += 1
            place, fragment = urldefrag(target)
            file = (path.parent / unquote(place)).resolve() if place else path.resolve()
            if not file.is_file() or (fragment and unquote(fragment) not in ids[file]):
                broken.append(f"{path.relative_to(site)} -> {target}")
    print(f"{len(pages)} pages, {links:,} links within the site, {len(broken)} lead nowhere")
    for line in broken[:20]:
        print(line)
    shared = sum((site / "assets" / name).stat().st_size for name in ("theme.css", "site.css", "site.js"))
    weights = sorted((path.stat().st_size + shared, path) for path in pages)
    middle, (most, heaviest) = weights[len(weights) // 2][0], weights[-1]
    at_most = f"{most / 1000:.0f} KB at most ({heaviest.relative_to(site)})"
    print(f"a page with its style and script: {middle / 1000:.0f} KB in the middle, {at_most}")
    index = {path.stem: path.stat().st_size for path in (site / "search").glob("*.js")}
    months = [size for name, size in index.items() if name != "titles"]
    print(f"index of the search: titles {index['titles'] / 1000:.0f} KB, {len(months)} months of up to {max(months) / 1000:.0f} KB each")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
