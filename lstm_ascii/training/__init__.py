"""Agreement English and how the networks learn it: lexicon, grammar, corpus, optimiser, loop, evaluation."""
