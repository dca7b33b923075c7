"""The command line itself: help, version, and mistakes in one line."""

import re
import shlex
import subprocess
import sys

import pytest

from flax_albert import __version__
from flax_albert.cli import main
from flax_albert.cli.arguments import parse

COMMANDS = [
    "classify",
    "tag",
    "answer",
    "choose",
    "fill-mask",
    "embed",
    "order",
    "attention",
    "doctor",
    "convert",
    "tokenizer",
    "prepare",
]


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    for command in COMMANDS:
        assert re.search(rf"^ +{command}(?: |$)", shown, re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_teaches_by_examples_that_parse(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--help"]) == 0
    shown = capsys.readouterr()
    assert "exit codes" in shown.out
    assert max(map(len, shown.out.splitlines())) <= 80
    assert shown.err == ""
    examples = shown.out.partition("examples:\n")[2].partition("\n\n")[0].replace("\\\n", "").splitlines()
    assert len(examples) >= 2
    for example in examples:
        arguments = shlex.split(example.partition(" | ")[0].partition(" < ")[0])
        assert arguments[:2] == ["flax-albert", command]
        assert parse(arguments[1:]).run


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"flax-albert {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "the following arguments are required: COMMAND (see flax-albert --help)"),
        (["fill"], "'fill'"),
        (
            ["fill-mask", "--top-k", "0", "x"],
            "must be a whole number of at least 1, not '0' (see flax-albert fill-mask",
        ),
        (["fill-mask", "--top-k", "five", "x"], "not 'five'"),
        (["fill-mask", "--batch-size", "9999", "x"], "must be a whole number from 1 to 1024, not '9999'"),
        (["fill-mask", "--dtype", "int8", "x"], "'int8'"),
        (["fill-mask", "--targets", " , ", "x"], "must name at least one word"),
        (["fill-mask", "--tar", "a", "x"], "unrecognized arguments: --tar"),
        (["fill-mask", "--model"], "expected one argument"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("flax-albert: error: ")
    assert shown.err.count("\n") == 1
    assert message in shown.err


def test_help_and_mistakes_import_nothing_heavy() -> None:
    program = (
        "import sys\nfrom flax_albert.cli import main\n"
        "assert main(['fill-mask', '--help']) == 0 and main(['fill-mask', '--no']) == 2\n"
        "print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.splitlines()[-1].split()}
    assert "flax_albert" in loaded
    assert not loaded & {"jax", "flax", "numpy", "tokenizers", "rich"}
