"""TensorFlow's checkpoints without TensorFlow: what it wrote is read, and what is broken is refused."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from flax_albert.checkpoint import formats
from flax_albert.checkpoint.errors import CheckpointError
from flax_albert.checkpoint.formats import sstable
from flax_albert.checkpoint.formats.crc32c import crc32c
from flax_albert.checkpoint.formats.snappy import decompress
from tests.checkpoint import bundles
from tests.checkpoint.broken_bundles import ARRAY, WRITTEN, slices, sound
from tests.checkpoint.bundles import HEADER, block, table, varint


def write(directory: Path, index: bytes, data: bytes = ARRAY.tobytes()) -> Path:
    """A checkpoint of one data file."""
    (directory / "model.ckpt.data-00000-of-00001").write_bytes(data)
    (directory / "model.ckpt.index").write_bytes(index)
    return directory / "model.ckpt.index"


def bytewise(data: bytes) -> int:
    """CRC-32C as its definition has it, bit by bit."""
    register = 0xFFFFFFFF
    for byte in data:
        register ^= byte
        for _ in range(8):
            register = register >> 1 ^ (0x82F63B78 if register & 1 else 0)
    return register ^ 0xFFFFFFFF


@pytest.mark.parametrize("size", [0, 1, 3, 9, 4095, 4096, 4097, 5000, 8191, 8192, 8193, 40_000])
def test_checksums_of_every_length(size: int) -> None:
    data = np.random.default_rng(size).integers(0, 256, size, np.uint8).tobytes()
    assert crc32c(data) == bytewise(data)


def test_checksums_of_more_than_a_piece() -> None:
    assert crc32c(bytes(32)) == 0x8A9136AA  # RFC 3720, B.4
    data = np.random.default_rng(0).integers(0, 256, 2**22 + 2**12 + 5, np.uint8)
    changed = data.copy()
    changed[123] ^= 1
    assert crc32c(data.tobytes()) != crc32c(changed.tobytes())
    # The checksum of bytes followed by their own, lowest byte first, is the same whatever they are.
    residues = {crc32c(part.tobytes() + crc32c(part.tobytes()).to_bytes(4, "little")) for part in (data, changed)}
    assert residues == {0x48674BC7}


def compressed(generator: np.random.Generator) -> tuple[bytes, bytes]:
    """A random stream of literals and copies, and what it stands for."""
    stream, output = b"", b""
    for _ in range(generator.integers(1, 30)):
        kind = generator.integers(0, 6) if output else 0
        if kind < 3:
            literal = generator.integers(0, 256, generator.integers(1, (60, 250, 3000)[kind]), np.uint8).tobytes()
            extra = (len(literal) - 1).to_bytes(2, "little") if kind == 2 else bytes([len(literal) - 1])
            short = len(literal) <= 60 and kind == 0
            stream += bytes([len(literal) - 1 << 2]) if short else bytes([59 + len(extra) << 2]) + extra
            stream, output = stream + literal, output + literal
            continue
        distance = int(generator.integers(1, min(len(output), 2000) + 1))
        length = int(generator.integers(4, 12) if kind == 3 else generator.integers(1, 65))
        if kind == 3:
            stream += bytes([1 | length - 4 << 2 | distance >> 8 << 5, distance & 0xFF])
        else:
            width = 2 if kind == 4 else 4
            stream += bytes([kind - 2 | length - 1 << 2]) + distance.to_bytes(width, "little")
        for _ in range(length):
            output += output[-distance : len(output) - distance + 1]
    return varint(len(output)) + stream, output


def test_compressed_blocks() -> None:
    generator = np.random.default_rng(0)
    for _ in range(200):
        stream, output = compressed(generator)
        assert decompress(stream) == output
        damaged = bytearray(stream)
        damaged[generator.integers(len(damaged))] ^= 1 << int(generator.integers(8))
        for broken in (bytes(damaged), stream[: generator.integers(len(stream))]):
            with contextlib.suppress(ValueError):
                assert len(decompress(broken)) <= 22 * len(stream)


def test_a_compressed_table() -> None:
    plain = block({b"a": b"1", b"ab": b"22"})
    stored = varint(len(plain)) + bytes([len(plain) - 1 << 2]) + plain
    assert sstable.read(memoryview(table(stored, compression=1))) == {b"a": b"1", b"ab": b"22"}


def test_what_tensorflow_wrote() -> None:
    arrays = formats.read(WRITTEN / "pretraining" / "model.ckpt-125000.index")
    assert arrays["bert/embeddings/word_embeddings"].shape == (14, 4)
    assert arrays["global_step"].dtype == np.int64
    assert (arrays["bert/pooler/dense/kernel/adam_v"] == 1).all()
    assert len(arrays) == 32 + 2 * 34 + 1  # variables, two slots for each and for each of three slices, the step


def test_a_partitioned_variable_is_put_together_in_order() -> None:
    """TensorFlow cut the 14 rows into 5, 5 and 4; the data file holds them one after the other."""
    path = WRITTEN / "pretraining" / "model.ckpt-125000.index"
    words = formats.read(path)["bert/embeddings/word_embeddings"]
    content = path.with_name("model.ckpt-125000.data-00000-of-00001").read_bytes()
    places = [content.find(words[start:end].tobytes()) for start, end in ((0, 5), (5, 10), (10, 14))]
    assert min(places) >= 0


def test_the_writer_of_these_tests_writes_what_is_read(tmp_path: Path) -> None:
    np.testing.assert_array_equal(formats.read(write(tmp_path, sound()))["w"], ARRAY)


def test_slices_that_fit(tmp_path: Path) -> None:
    path = write(tmp_path, slices((0, 1), (1, 1)))
    np.testing.assert_array_equal(formats.read(path)["w"], ARRAY)


def test_a_missing_data_file_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, sound())
    (tmp_path / "model.ckpt.data-00000-of-00001").unlink()
    with pytest.raises(
        CheckpointError, match=r"model\.ckpt\.data-00000-of-00001, which holds its numbers, is not besi"
    ):
        formats.read(path)


def outcome(path: Path) -> tuple[dict[str, np.ndarray], str]:
    """The arrays, or the complaint."""
    try:
        return formats.read(path), ""
    except CheckpointError as error:
        return {}, str(error)


def test_checkpoints_of_objects_are_called_what_they_are(tmp_path: Path) -> None:
    path = write(tmp_path, table(block({b"": HEADER, b"_CHECKPOINTABLE_OBJECT_GRAPH": b""})))
    with pytest.raises(CheckpointError, match=r"index is a checkpoint of Python objects .*Saver\.$"):
        formats.read(path)


def damages(content: bytes, generator: np.random.Generator, count: int) -> Iterator[bytes]:
    for _ in range(count):
        damaged = bytearray(content)
        for _ in range(generator.integers(1, 4)):
            damaged[generator.integers(len(damaged))] ^= 1 << int(generator.integers(8))
        yield bytes(damaged)
        yield content[: generator.integers(len(content))]


def test_any_damage_to_what_tensorflow_wrote_is_found(tmp_path: Path) -> None:
    """Everything that is read has a checksum, so damage is an error or lies where nothing is read."""
    source = WRITTEN / "groups" / "model.ckpt-best.index"
    index, data = source.read_bytes(), source.with_name("model.ckpt-best.data-00000-of-00001").read_bytes()
    expected = formats.read(source)
    generator = np.random.default_rng(0)
    harmless = 0
    cases = [(broken, data) for broken in damages(index, generator, 150)]
    cases += [(index, broken) for broken in damages(data, generator, 100)]
    for case_index, case_data in cases:
        path = write(tmp_path, case_index, case_data)
        (tmp_path / "model.ckpt.data-00000-of-00001").write_bytes(case_data)
        found, complaint = outcome(path)
        if complaint:
            assert "\n" not in complaint
            continue
        harmless += 1
        assert found.keys() == expected.keys()
        assert all(np.array_equal(found[name], array) for name, array in expected.items())
    assert harmless < len(cases) / 10


def test_damage_that_the_checksums_hide_is_an_error_or_harmless(tmp_path: Path) -> None:
    """The same behind the checksums: keys and messages damaged before the table was made."""
    source = WRITTEN / "pretraining" / "model.ckpt-125000.index"
    entries = list(sstable.read(memoryview(source.read_bytes())).items())
    data = source.with_name("model.ckpt-125000.data-00000-of-00001").read_bytes()
    generator = np.random.default_rng(0)
    errors = 0
    for _ in range(400):
        damaged = entries.copy()
        for number in generator.integers(len(entries), size=2).tolist():
            key, value = damaged[number]
            broken = next(damages(value or b"\x00", generator, 1))
            damaged[number] = (key, broken)
        path = write(tmp_path, bundles.table(bundles.block(dict(damaged))), data)
        _, complaint = outcome(path)
        errors += bool(complaint)
        assert "\n" not in complaint
        assert "memory" not in complaint
    assert errors > 300
