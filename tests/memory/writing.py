"""A process that writes to a memory, batch after batch, and says what is stored: `writing.py LOCATION FIRST BATCHES SIZE [human]`."""

import sys

from translator.memory import Context, Entry
from translator.memory.store import Memory

CONTEXT = Context("3f2a", "{}", name="small")


def batch(number: int, size: int) -> list[Entry]:
    return [Entry(f"묶음 {number}의 문장 {i}입니다.", f"Sentence {i} of batch {number}. {'word ' * (i % 40)}") for i in range(size)]


def main() -> None:
    location, first, batches, size, *human = sys.argv[1:]
    with Memory.open(location) as memory:
        print("open", flush=True)
        for number in range(int(first), int(first) + int(batches)):
            if human:
                memory.add_human(batch(number, int(size)))
            else:
                memory.add(CONTEXT, batch(number, int(size)))
            print(number, flush=True)


if __name__ == "__main__":
    main()
