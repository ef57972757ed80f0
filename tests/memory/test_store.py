"""What a memory keeps, in SQLite and in PostgreSQL."""

import tempfile
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from translator.errors import UserError
from translator.memory import Context, Entry
from translator.memory.entry import normalised, source_key
from translator.memory.store import Memory

MODEL = Context("3f2a", '{"beam_size": 4}', name="small")
OTHER = Context("77aa", '{"beam_size": 4}', name="large")
SOURCES = tuple(f"작은 모델은 문장 {number}개를 옮깁니다." for number in range(2500))


def machine(source: str, target: str = "A machine's.") -> Entry:
    return Entry(source, target, "machine", -0.25, "2024-11-02T09:30:00Z", '{"tokens": 7}')


def human(source: str, target: str, created: str = "") -> Entry:
    return Entry(source, target, "human", created=created)


class TestMachine:
    def test_what_was_stored_is_found_in_its_context_only(self, memory: Memory) -> None:
        memory.add(MODEL, [machine(source, f"Sentence {source[10:15]}.") for source in SOURCES])
        found = memory.machine(MODEL, [*SOURCES, "없는 문장입니다."])
        assert found == {source: machine(source, f"Sentence {source[10:15]}.") for source in SOURCES}
        for context in (OTHER, Context("3f2a", '{"beam_size": 5}'), Context("3f2a", '{"beam_size": 4}', "terms")):
            assert memory.machine(context, SOURCES) == {}
        assert memory.human(SOURCES) == {}

    def test_a_model_is_the_same_under_another_name(self, memory: Memory) -> None:
        memory.add(MODEL, [machine("모델이다.")])
        assert memory.machine(Context("3f2a", '{"beam_size": 4}', name="./copy"), ["모델이다."]) == {"모델이다.": machine("모델이다.")}

    def test_the_last_one_is_kept(self, memory: Memory) -> None:
        memory.add(MODEL, [machine("모델이다.", "one"), machine("모델이다.", "two")])
        memory.add(MODEL, [machine(" 모델이다. ", "three")])
        assert memory.machine(MODEL, ["모델이다."])["모델이다."].target == "three"
        assert memory.statistics().parts[0].entries == 1

    def test_nothing_is_a_batch(self, memory: Memory) -> None:
        memory.add(MODEL, [])
        assert memory.add_human([]) == 0
        assert memory.machine(MODEL, []) == memory.human([]) == {}
        assert memory.statistics().parts == ()

    def test_entries_get_the_time_of_storing_and_none_of_the_future(self, memory: Memory) -> None:
        memory.add(MODEL, [Entry("가다.", "Go."), Entry("나다.", "I.", created="2999-01-01T00:00:00Z")])
        for entry in memory.machine(MODEL, ["가다.", "나다."]).values():
            assert "2020" < entry.created < "2999"


class TestHuman:
    def test_corrections_hold_for_every_model(self, memory: Memory) -> None:
        assert memory.add_human([human("모델이다.", "It is a model.")]) == 1
        assert memory.human(["모델이다.", "다른 문장."])["모델이다."].target == "It is a model."
        assert memory.human(["모델이다."])["모델이다."].origin == "human"

    def test_the_latest_is_in_force_and_earlier_ones_are_kept(self, memory: Memory) -> None:
        for day, target in ((1, "first"), (2, "second"), (3, "first")):
            assert memory.add_human([human("모델이다.", target, f"2024-11-0{day}T00:00:00Z")]) == 1
            assert memory.human(["모델이다."])["모델이다."].target == target
        kept = [(stored.entry.target, stored.replaced) for stored in memory.entries("human", history=True)]
        assert kept == [("first", True), ("second", True), ("first", False)]
        assert [stored.entry.target for stored in memory.entries("human")] == ["first"]

    def test_an_older_one_does_not_take_the_place_of_a_newer_one(self, memory: Memory) -> None:
        assert memory.add_human([human("모델이다.", "new", "2024-11-02T00:00:00Z")]) == 1
        assert memory.add_human([human("모델이다.", "old", "2023-11-02T00:00:00Z")]) == 0
        assert memory.human(["모델이다."])["모델이다."].target == "new"
        kept = {stored.entry.target: stored.replaced for stored in memory.entries("human", history=True)}
        assert kept == {"new": False, "old": True}
        assert memory.statistics().replaced == 1

    def test_the_same_correction_again_is_nothing_new(self, memory: Memory) -> None:
        batch = [human(source, f"Sentence {source[10:15]}.") for source in SOURCES]
        assert memory.add_human(batch) == len(SOURCES)
        assert memory.add_human(batch) == 0
        assert len(list(memory.entries("human", history=True))) == len(SOURCES)

    def test_within_a_batch_the_later_one_is_in_force(self, memory: Memory) -> None:
        assert memory.add_human([human("모델이다.", "one"), human("모델이다. ", "two")]) == 1
        assert memory.human(["모델이다."])["모델이다."].target == "two"
        assert len(list(memory.entries(history=True))) == 2

    @settings(max_examples=40, deadline=None)
    @given(
        st.permutations([(number, day) for number in range(2) for day in range(1, 6)]),
        st.lists(st.sampled_from("ab"), min_size=10, max_size=10),
    )
    def test_no_correction_is_lost_and_the_latest_by_date_holds(self, order: list[tuple[int, int]], targets: list[str]) -> None:
        batch = [human(f"문장 {n}", target, f"2024-11-0{day}T00:00:00Z") for (n, day), target in zip(order, targets, strict=True)]
        with tempfile.TemporaryDirectory() as folder, Memory.open(Path(folder) / "memory.sqlite") as memory:
            for start in range(0, 10, 3):
                memory.add_human(batch[start : start + 3])
            latest = {entry.source: entry.target for entry in sorted(batch, key=lambda entry: entry.created)}
            assert {source: entry.target for source, entry in memory.human(["문장 0", "문장 1"]).items()} == latest
            assert {(f.entry.source, f.entry.target) for f in memory.entries(history=True)} == {(e.source, e.target) for e in batch}
            assert {f.entry.source: f.entry.target for f in memory.entries()} == latest
            assert memory.add_human(batch) == 0


class TestKeys:
    @given(st.text(), st.sampled_from([" ", "  ", "\n", "\t\u3000", "\u00a0"]))
    def test_white_space_and_composition_do_not_count(self, text: str, space: str) -> None:
        other = space + unicodedata.normalize("NFD", text).replace(" ", space) + space
        assert source_key(other) == source_key(text)
        assert normalised(normalised(text)) == normalised(text)

    def test_words_count(self) -> None:
        texts = ["모델", "모 델", "모델.", "모델 2", "Model", "model", ""]
        assert len({source_key(text) for text in texts}) == len(texts)


class TestListing:
    def test_entries_come_with_what_made_them(self, memory: Memory) -> None:
        memory.add(MODEL, [machine(source) for source in SOURCES])
        memory.add(OTHER, [machine("모델이다.", "By another.")])
        memory.add_human([human("모델이다.", "It is a model.")])
        everything = list(memory.entries())
        assert len(everything) == len(SOURCES) + 2
        assert [stored.context for stored in everything[-2:]] == [OTHER, None]
        assert {stored.context.name for stored in everything[:-1] if stored.context} == {"small", "large"}
        assert [stored.entry.target for stored in memory.entries("human")] == ["It is a model."]
        assert len(list(memory.entries("machine"))) == len(SOURCES) + 1

    def test_add_all_stores_what_entries_lists(self, memory: Memory, tmp_path: Path) -> None:
        memory.add(MODEL, [machine(source) for source in SOURCES])
        memory.add_human([human(source, target) for target in "ab" for source in SOURCES[:100]])
        with Memory.open(tmp_path / "other.sqlite") as other:
            assert other.add_all(memory.entries(history=True)) == (len(SOURCES), 200, 100)
            assert list(other.entries(history=True)) == list(memory.entries(history=True))
            assert other.add_all(memory.entries(history=True)) == (len(SOURCES), 200, 0)

    def test_statistics(self, memory: Memory) -> None:
        memory.add(MODEL, [machine("하나."), Entry("둘.", "Two.", created="2024-11-01T00:00:00Z")])
        memory.add_human([human("하나.", "One.", "2024-11-03T00:00:00Z"), human("하나.", "One!", "2024-11-04T00:00:00Z")])
        found = memory.statistics()
        by_model, by_people = found.parts
        assert (by_model.context, by_model.entries, by_model.first, by_model.last) == (
            MODEL, 2, "2024-11-01T00:00:00Z", "2024-11-02T09:30:00Z",
        )  # fmt: skip
        assert (by_people.context, by_people.entries, by_people.first) == (None, 1, "2024-11-04T00:00:00Z")
        assert found.replaced == 1
        assert found.size > 4096


class TestSearch:
    @pytest.fixture(autouse=True)
    def _filled(self, memory: Memory) -> None:
        memory.add(MODEL, [machine("확산 모델을 제안합니다.", "We propose a Diffusion model."), machine("50%_성능", r"50%_\ better")])
        memory.add_human([human("보상 모델이다.", "It is a reward model."), human("보상 모델이다.", "A reward model.")])

    @pytest.mark.parametrize(
        ("words", "targets"),
        [
            ("모델", ["A reward model.", "It is a reward model.", "We propose a Diffusion model."]),
            ("확산  모델", ["We propose a Diffusion model."]),
            ("diffusion", ["We propose a Diffusion model."]),
            ("REWARD", ["A reward model.", "It is a reward model."]),
            ("산", ["We propose a Diffusion model."]),
            ("%_", [r"50%_\ better"]),
            ("_\\", [r"50%_\ better"]),
            ("0__", []),
            ("델 모", []),
        ],
    )
    def test_parts_of_words_are_found_to_the_letter(self, memory: Memory, words: str, targets: list[str]) -> None:
        assert [stored.entry.target for stored in memory.search(words, 10)] == targets

    def test_limit_and_origin(self, memory: Memory) -> None:
        assert [stored.replaced for stored in memory.search("model", 2)] == [False, True]
        assert [stored.entry.origin for stored in memory.search("model", 9, "machine")] == ["machine"]
        assert [stored.entry.origin for stored in memory.search("model", 9, "human")] == ["human", "human"]


class TestPrune:
    @pytest.fixture(autouse=True)
    def _filled(self, memory: Memory) -> None:
        memory.add(MODEL, [machine("하나."), Entry("둘.", "Two.", created="2020-01-01T00:00:00Z")])
        memory.add(OTHER, [machine("하나."), Entry("둘.", "Two.", created="2020-01-01T00:00:00Z")])
        memory.add_human([human("하나.", "One.", "2020-01-01T00:00:00Z"), human("둘.", "Two!")])

    @pytest.mark.parametrize("model", ["small", "3f2a", "small@3f2a"])
    def test_other_models_go(self, memory: Memory, model: str) -> None:
        assert memory.prune(keep_models=[model], dry_run=True) == 2
        assert len(list(memory.entries())) == 6
        assert memory.prune(keep_models=[model]) == 2
        assert len(memory.machine(MODEL, ["하나.", "둘."])) == 2
        assert memory.machine(OTHER, ["하나.", "둘."]) == {}
        assert len(memory.human(["하나.", "둘."])) == 2

    def test_old_ones_go_and_both_conditions_must_hold(self, memory: Memory) -> None:
        assert memory.prune(keep_models=["small"], older_than=1000) == 1
        assert list(memory.machine(OTHER, ["하나.", "둘."])) == ["하나."]
        assert memory.prune(older_than=1000) == 1
        assert len(memory.human(["하나.", "둘."])) == 2

    def test_corrections_go_only_when_asked_for(self, memory: Memory) -> None:
        assert memory.prune(older_than=0.0) == 4
        assert memory.prune(older_than=1000, origin="human") == 1
        assert list(memory.human(["하나.", "둘."])) == ["둘."]

    def test_an_unknown_model_deletes_nothing(self, memory: Memory) -> None:
        with pytest.raises(UserError, match=r"nothing of the model smal.*small@3f2a, large@77aa"):
            memory.prune(keep_models=["small", "smal"])
        assert len(list(memory.entries())) == 6

    def test_a_file_gets_smaller(self, tmp_path: Path) -> None:
        path = tmp_path / "memory.sqlite"
        with Memory.open(path) as memory:
            memory.add(MODEL, [machine(source) for source in SOURCES])
            before = memory.statistics().size
            memory.prune(older_than=0.0)
            assert memory.statistics().size < before / 4
        assert path.stat().st_size < before / 4
