"""What of the source survives in the translations of a run, counted from its records.

    python benchmarks/survival.py OUTPUT_FOLDER

For each kind of protected span: how many there are, how many stand in the target, how many of the others are flagged, and how
many are neither. Hangul counts units whose target holds Korean outside code.
"""

import argparse
import json
from collections import Counter
from pathlib import Path

from translator.document.hangul import has_hangul
from translator.document.inline import prose_only
from translator.document.protection import protected_spans
from translator.quality.survival import lost_spans


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    total: Counter[str] = Counter()
    lost: Counter[str] = Counter()
    flagged: Counter[str] = Counter()
    units = korean = korean_flagged = 0
    for path in sorted(parser.parse_args().folder.rglob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            units += 1
            spans = protected_spans(record["source"])
            said = {(check["check"], check["detail"]) for check in record["checks"]}
            total.update(span.kind for span in spans)
            for span in lost_spans(spans, record["target"]):
                lost[span.kind] += 1
                flagged[span.kind] += (f"lost-{span.kind}", span.text) in said
            if has_hangul(prose_only(record["target"])):
                korean += 1
                korean_flagged += any(check == "hangul" for check, _ in said)
    print(f"{units} units")
    print(f"{'span':8}{'in source':>10}{'survive':>10}{'share':>9}{'flagged':>9}{'neither':>9}")
    for kind, count in total.most_common():
        share = 100 * (count - lost[kind]) / count
        print(f"{kind:8}{count:>10}{count - lost[kind]:>10}{share:>8.2f}%{flagged[kind]:>9}{lost[kind] - flagged[kind]:>9}")
    print(f"Hangul in the target of {korean} units, {korean_flagged} of them flagged")


if __name__ == "__main__":
    main()
