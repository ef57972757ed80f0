"""The commands that make models: arguments in, calls out."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from translator.cli_options import (
    ConfigOption,
    DeviceOption,
    ModelOption,
    QuietOption,
    VerboseOption,
    log_to_stderr,
    output_option,
    progress_bar,
    read_options,
    say,
)

DataFolder = Annotated[Path | None, typer.Option("--data-folder", help="The folder that the configuration's file names start from.")]
Output = Annotated[Path | None, output_option("The run's folder: model, figures, curves, state.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with the run in the output folder.")]
MaxMinutes = Annotated[float | None, typer.Option("--max-minutes", help="End training after so long, with an evaluated model.")]
Seed = Annotated[int | None, typer.Option("--seed", help="Another seed, another run.")]


def train(
    config: Annotated[Path, typer.Argument(help="A YAML file such as configs/train/tiny.yaml.")],
    output: Output = None,
    data_folder: DataFolder = None,
    init: Annotated[str | None, typer.Option("--init", help="The model to go on from: a name or a folder.")] = None,
    resume: Resume = False,
    max_minutes: MaxMinutes = None,
    seed: Seed = None,
    device: DeviceOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = 0,
) -> None:
    """Trains a model from a configuration: from scratch, or on from another model."""
    from translator.training.settings import read_training_settings

    log_to_stderr(verbose, quiet)
    overrides = {
        "output": _text(output), "data_folder": _text(data_folder), "init": init, "seed": seed, "device": _text(device),
        "optimisation.max_minutes": max_minutes,
    }  # fmt: skip
    _run(read_training_settings(config, overrides), resume, quiet)


def finetune(
    model: ModelOption = None,
    data: Annotated[
        list[Path] | None, typer.Option("--data", help="Pairs: TSV, JSONL, records, TMX, a memory (.sqlite). May be given again.")
    ] = None,
    output: Output = None,
    dev: Annotated[Path | None, typer.Option("--dev", help="Pairs to evaluate on; without, a tenth of the data is held out.")] = None,
    test: Annotated[list[Path] | None, typer.Option("--test", help="Further pairs to evaluate on, before and after.")] = None,
    name: Annotated[str | None, typer.Option("--name", help="What to call the model.")] = None,
    config: Annotated[
        Path | None, typer.Option("--config", help="A YAML file of training settings, as configs/train/finetune.yaml; options win.")
    ] = None,
    resume: Resume = False,
    max_minutes: MaxMinutes = None,
    seed: Seed = None,
    device: DeviceOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = 0,
) -> None:
    """Fine-tunes a model on your own pairs, such as corrected translations, and says what it gained and lost."""
    from translator.errors import UserError
    from translator.settings_file import read_yaml
    from translator.training.settings import fine_tuning_values, with_overrides

    log_to_stderr(verbose, quiet)
    values = read_yaml(config) if config else fine_tuning_values()
    if data:
        values |= {"data": [{"file": str(path.absolute())} for path in data]}
    elif "data" not in values:
        raise UserError("--data FILE is missing: the pairs to learn from (TSV, JSONL, records, TMX or a memory, .sqlite)")
    overrides = {
        "output": _text(output), "init": model or values.get("init") or "digest-ko-en", "dev": _text(dev and dev.absolute()), "name": name,
        "tests": [str(path.absolute()) for path in test] if test else None, "seed": seed, "device": _text(device),
        "optimisation.max_minutes": max_minutes,
    }  # fmt: skip
    _run(with_overrides(values, overrides, str(config or "the command line")), resume, quiet)


def distill(
    data: Annotated[list[str], typer.Option("--data", help="Korean: Markdown files or folders, .txt, or the Korean of pairs.")],
    output: Annotated[Path, output_option("The TSV file to write.")],
    teacher: Annotated[
        str | None, typer.Option("--teacher", help="The model to learn from: a name or a folder. [default: digest-ko-en]")
    ] = None,
    lowest_score: Annotated[float, typer.Option("--lowest-score", help="Mean log-probability of a token to ask for.")] = -1.5,
    config: ConfigOption = None,
    device: DeviceOption = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing file.")] = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = 0,
) -> None:
    """Writes a teacher model's translations of Korean text as training data; what the checks flag is left out."""
    from translator.training.distillation import distill as distilled

    log_to_stderr(verbose, quiet)
    settings = read_options(config, model=teacher, device=device)
    report = distilled(settings, data, output, lowest_score=lowest_score, force=force, progress=progress_bar(quiet, "sentence"))
    if not quiet:
        say(f"{report.pairs} pairs of {report.sentences} sentences -> {output}")
        say("left out: " + (", ".join(f"{check} {count}" for check, count in report.dropped.most_common()) or "none"))


def _run(settings: Any, resume: bool, quiet: bool) -> None:
    from translator.errors import UserError
    from translator.quality.metrics import NAMES
    from translator.training.run import run_training

    if settings.output is None:
        raise UserError("--output DIR is missing: the folder to write the run to")
    result = run_training(settings, Path(settings.output), resume=resume, bar=_bar(quiet))
    if quiet:
        return
    for found in result.results:
        for kind, scores in found.scores.items():
            figures = ", ".join(f"{NAMES[name]} {score.value:.2f} ± {score.interval:.2f}" for name, score in scores.items())
            say(f"{found.name} ({found.sentences} segments), {kind}: {figures}")
        for change in found.change.values():
            say(f"  {NAMES[change.metric]}: {change.baseline:.2f} before, {change.gain:+.2f} (p = {change.p_value:.3f})")
    say(f"the model: {result.checkpoint} (use it with --model {result.checkpoint})")


def _bar(quiet: bool) -> Callable[[str, float, str], Any]:
    @contextmanager
    def progress(title: str, total: float, unit: str) -> Iterator[Callable[[float, str], object]]:
        from tqdm import tqdm

        shape = "{l_bar}{bar}| [{elapsed}<{remaining}{postfix}]"
        hidden = quiet or not sys.stderr.isatty()
        with tqdm(total=total, unit=unit, desc=title, disable=hidden, smoothing=0.02, bar_format=shape, file=sys.stderr) as bar:

            def advance(count: float, shown: str) -> None:
                if shown:
                    bar.set_postfix_str(shown, refresh=False)
                bar.update(count)

            yield advance

    return progress


def _text(value: object) -> str | None:
    return None if value is None else str(value)
