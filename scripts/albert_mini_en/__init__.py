"""What making the bundled model ``albert-mini-en`` needs beside the package: its start, and how versions compare."""
