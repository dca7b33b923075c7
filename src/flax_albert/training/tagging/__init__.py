"""Learning to tag words: parts of speech, names and the like."""
