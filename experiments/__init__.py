"""Questions put to the model: designs, runs, analyses, publications and the command line."""
