"""Sentences that nobody planned, and what the networks that come with the package make of them."""

from __future__ import annotations

from functools import cache

from lstm_ascii import Explanation, explain

SENTENCES = {
    "question": "Why weren't the keys to the cabinet on the table?",
    "question with its verb late": "Which of the keys that the man with the hats had lost was found?",
    "comma relative": "The movie, which the critics hated, was loved by everyone.",
    "typos": "teh cat that chasd the mouses was hungri",
    "headline": "Stocks fall as markets fear rate rise",
    "one word": "Hello",
    "a stop": ".",
    "code": "for i in range(10): print(i)",
    "a poem's line": "Two roads diverged in a yellow wood, and sorry I could not travel both",
    "another language": "Der Hund, der die Katzen jagte, war müde.",
    "another script": "猫 が 好き です 。",
    "sixty words": "The keys to the old wooden cabinets near the door of the houses that my uncle and his three "
    "friends built were rusty, and the doors that they had painted with so much care in the long winter when nobody "
    "else came to the village to help them were, as everyone who has ever seen them knows, not worth the money.",
    "wrong verb": "The cats was hungry.",
    "two sentences": "The cat was hungry. The dog was sleeping.",
    "a review": "I didn't like the Jurassic Park movie because it was not entertaining.",
    "long relative": "The boy who wore a red hat and ran across the old bridges near the houses was playing.",
    "no verb": "the old houses near the river",
    "shouting": "THE DOGS THAT CHASED THE CAT ARE LOUD!!!",
    "numbers": "3 apples and 14 pears were sold for $2.50 on 2024-05-01",
    "plural and far": "The authors whose book about the old king the teacher of my sister likes are famous.",
    "a question with did": "Did the dogs near the old house bark?",
    "quoted speech": "“The dogs are loud,” said the woman who sat near the windows.",
    "names": "Sarah and her brothers were late, but Peter was on time.",
    "a negated pair": "Neither the doctor nor the nurses were there.",
    "a cleft": "It was the teachers that the boy saw who were angry.",
    "to and a verb": "The keys that the men gave to the girl are for the doors that she wants to open.",
    "'s that owns": "The trousers that lie near the dog's food were wet.",
    "a verb beyond an apposition": "The girls, who like the teacher, have books.",
}


@cache
def report_of(name: str) -> Explanation:
    """Return the report of a sentence, made once for all tests."""
    return explain(SENTENCES[name])
