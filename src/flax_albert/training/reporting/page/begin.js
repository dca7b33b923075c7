// Everything is built once; charts are drawn when their width is known.

buildCurves();
buildConfusion();
buildSamples();
