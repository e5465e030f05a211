"""Whatever the sentence: each caption of the page to show is what ``--json`` holds, reckoned here once more from it."""

from __future__ import annotations

import re
from math import log10, prod
from typing import Any

import pytest

from lstm_ascii.render.explain import BRIEF
from lstm_ascii.render.explain.page import explain_page
from lstm_ascii.render.figures import factor, listed, percent, plain, power, short
from lstm_ascii.render.layout import names_of
from tests.explain.unplanned import SENTENCES, report_of
from tests.rendering import render

Report = dict[str, Any]


@pytest.fixture(scope="module", params=SENTENCES)
def shown(request: pytest.FixtureRequest) -> tuple[Report, str, tuple[str, ...]]:
    """Return the plain data of a report, its page in lines that are not folded, and the names of its words."""
    report = report_of(request.param)
    page = render(explain_page(report), 1000)
    return report.to_dict(), page, names_of(report.words)


Shown = tuple[Report, str, tuple[str, ...]]


def main_of(data: Report) -> Report:
    """Return the LSTM, which is drawn in full."""
    (main,) = (network for network in data["networks"] if network["cell"] == "LSTM")
    return dict(main)


def of_cells(data: Report, told: str) -> list[Report]:
    """Return the networks that a sentence names: ``the RNN and the GRU``."""
    return [network for network in data["networks"] if f"the {network['cell']}" in told.replace("The", "the")]


def swap_at(network: Report, word: int) -> Report:
    """Return what swapping a word did."""
    return next(swap for swap in network["swaps"] if swap["word"] == word)


def at_of(network: Report) -> int:
    """Return the number of the word that counts most."""
    return int(network["verdict"]["decided_by"])


def flat(text: str) -> str:
    """Return a text in one line."""
    return " ".join(text.split())


def says(network: Report) -> str:
    """Return the word that a network prefers, by its log-odds."""
    choice = network["choice"]
    return str(choice["right"] if choice["log_odds"] > 0 else choice["wrong"])


def section(page: str, title: str) -> str:
    """Return what stands below a heading; empty where there is none."""
    found = re.search(rf"^ \d  {title}(.*?)(?=^ \d  [A-Z]|\Z)", page, re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


def test_the_verdict(shown: Shown) -> None:
    data, page, names = shown
    verdict = section(page, "THE VERDICT")
    after = main_of(data)["choice"]["after"]
    assert f"after “{data['words'][after - 1]}”" in verdict
    for network in data["networks"]:
        (row,) = re.findall(rf"^ {network['cell']} +(.*)$", verdict, re.MULTILINE)
        assert row.startswith(says(network))
        if network["choice"]["kind"] == "next word":
            assert ("= sentence" in row) == (says(network).lower() == data["words"][after].lower())
        best = max(network["swaps"], key=lambda swap: abs(swap["change"]), default=None)
        if best is None or abs(best["change"]) < 0.1:
            assert "no single word counts" in row
        else:
            back = after - best["word"]
            assert row.count(f"“{names[best['word'] - 1][:9]}") >= 1
            assert re.search(rf"(just before|the word before)|\b{back} (words? )?back", row)
            turned = (network["choice"]["log_odds"] + best["change"] > 0) != (network["choice"]["log_odds"] > 0)
            assert ("decides" in row) == turned


def test_who_parts_and_who_agrees(shown: Shown) -> None:
    data, page, names = shown
    verdict, networks = flat(section(page, "THE VERDICT")), data["networks"]
    parted = re.search(r"They part: (.*?)\.", verdict)
    assert bool(parted) == (len({says(network) for network in networks}) > 1) or "little to decide by" in verdict
    for told in re.findall(r"((?:the \w+(?:, | and )?)+) says? “(.*?)”", parted[1] if parted else ""):
        assert {says(network) for network in of_cells(data, told[0])} == {told[1]}
    if all_say := re.search(r"All say “(.*?)”(.*?)\.(?:\s|$)", verdict):
        assert {says(network) for network in networks} == {all_say[1]}
        turned = [network for network in networks if network["verdict"]["turns"]]
        if "no single word turns" in all_say[2]:
            assert not turned
        elif "only in" in all_say[2]:
            assert of_cells(data, all_say[2]) == turned
        else:
            assert turned == networks
            named = re.findall("“(.*?)”", all_say[2])[0]
            assert {names[network["verdict"]["decided_by"] - 1] for network in networks} == {named}
            assert ("right before" in all_say[2]) == (networks[0]["verdict"]["back"] == 0)


def test_what_moves_the_log_odds(shown: Shown) -> None:
    data, page, names = shown
    verdict, main = flat(section(page, "THE VERDICT")), main_of(data)
    pattern = (
        r"(?:In (?P<in>the [^“]*?)|(?P<says>[Tt]he [^“.]*?) says? “(?P<word>[^”]*)” for another reason: there) "
        r"“(?P<other>[^”]*)” (?P<does>decides|counts most), not “(?P<name>[^”]*)”: "
        r"(?:“[^”]*”|another word) for “(?P=name)” moves \w+ log-odds by (?P<first>.*?), "
        r"(?:“[^”]*”|another word) for “(?P=other)” by (?P<second>.*?)\.(?= |$)"
    )
    told = list(re.finditer(pattern, verdict, re.MULTILINE))
    explained = []
    for one in told:
        some = of_cells(data, one["in"] or one["says"])
        explained += some
        for network in some:
            own = swap_at(network, network["verdict"]["decided_by"])
            assert (names[own["word"] - 1], own["turns"]) == (one["other"], one["does"] == "decides")
            if one["says"]:
                assert says(network) == says(main) == one["word"]
                assert own["change"] * network["choice"]["log_odds"] < 0  # it speaks for what is said
        at = at_of(main)
        assert names[at - 1] == one["name"]
        assert one["first"] == listed([plain(swap_at(network, at)["change"]) for network in some])
        assert one["second"] == listed(
            [plain(swap_at(network, network["verdict"]["decided_by"])["change"]) for network in some]
        )
    if main["verdict"]["decided_by"] and "little to decide by" not in verdict:
        others = [one for one in data["networks"] if one["verdict"]["decided_by"] not in (None, at_of(main))]
        assert sorted(one["cell"] for one in explained) == sorted(one["cell"] for one in others)
    against = re.search(r"In ([^“.]*?) “(.*?)” counts most, but against “(.*?)”, which (it says|they say)", verdict)
    if against:
        assert (names[at_of(main) - 1], says(main)) == (against[2], against[3])
        for network in of_cells(data, against[1]):
            own = swap_at(network, at_of(main))
            assert (at_of(network), says(network)) == (at_of(main), says(main))
            assert own["change"] * network["choice"]["log_odds"] > 0


def test_inside_the_cell(shown: Shown) -> None:
    data, page, names = shown
    inside, main = section(page, "INSIDE THE CELL"), main_of(data)
    if not inside:
        assert main["carrier"] is None or main["carrier"]["share"] < 0.5
        return
    unit, values = main["carrier"]["unit"], main["inside_unit"]["values"]
    head = inside.splitlines()[0]
    assert f"unit {unit} of the LSTM at “{names[data['focus'] - 1]}”" in head
    assert reading(main["unit"]["steps"][data["focus"] - 1]) == head.rpartition("where it is ")[2].replace(
        "added to", "held +"
    )
    assert values["c"] == pytest.approx(values["f"] * values["c'"] + values["i"] * values["g"], abs=1e-5)
    for told in (f"f_t {short(values['f'])}", f"i_t {short(values['i'])} × g_t {plain(values['g'], 2)}",
                 f"tanh × o_t {short(values['o'])}"):  # fmt: skip
        assert told in inside
    below = re.findall(r"(?<![\w.])[−]?\d+\.\d\d(?![\w])", inside.splitlines()[2])
    assert below == [plain(values["c'"], 2), plain(values["c"], 2)]


def reading(step: Report) -> str:
    """Say what a unit does, by the definitions of the legend."""
    keeps, adds = round(step["keeps"], 2), round(step["adds"], 2)
    if adds >= 0.5:
        return "written" if keeps >= 0.5 else "replaced"
    if keeps < 0.1 and adds < 0.1:
        return "cleared"
    return ("held" if adds < 0.1 else "held +") if keeps >= 0.9 else "changed"


def test_along_the_words(shown: Shown) -> None:
    data, page, _ = shown
    along, main = section(page, "ALONG THE WORDS"), main_of(data)
    carrier = main["carrier"]
    if none := re.search(r"No single unit carries .*: unit (\d+), .* by (\S+), the swap by (\S+)\.", along):
        assert none.groups() == (str(carrier["unit"]), plain(carrier["change"]), plain(carrier["swap_change"]))
        assert carrier["share"] < 0.5
        return
    rows = re.findall(
        r"^ *(\d+) (\S+) .*? ([.\d]+) .*? ([.\d]+) +(written|replaced|cleared|held \+|held|changed) .*? ([.\d]+) (.*)$",
        along, re.MULTILINE,
    )  # fmt: skip
    assert bool(rows) == bool(along)
    for number, _, keeps, adds, name, shows, rest in rows:
        step = main["unit"]["steps"][int(number) - 1]
        assert [keeps, adds, shows] == [short(step[gate]) for gate in ("keeps", "adds", "shows")]
        assert name == reading(step)
        swapped = carrier["shows" if carrier["by_gate"] else "values"][int(number) - 1]
        assert plain(step["value"]) in rest
        assert (short if carrier["by_gate"] else plain)(swapped) in rest
    if "carries" in along.partition("\n")[0]:
        assert carrier["share"] >= 0.5


def test_what_is_said_of_the_gate_and_of_what_is_shown(shown: Shown) -> None:
    data, page, words = shown
    along, main = section(page, "ALONG THE WORDS"), main_of(data)
    if main["unit"] is None or main["carrier"]["share"] < 0.5:
        return
    steps, after, from_ = main["unit"]["steps"], main["choice"]["after"], main["carrier"]["word"]
    between = [round(step["keeps"], 2) for step in steps[from_:after]]
    if falls := re.search(r"After “(.*?)” its forget gate falls to (\S+), at “(.*?)” \(word (\d+)\)", along):
        assert falls[1] == words[from_ - 1]
        assert (short(min(between)), words[int(falls[4]) - 1]) == (falls[2], falls[3])
        assert round(steps[int(falls[4]) - 1]["keeps"], 2) == min(between) < 0.9
    elif stays := re.search(r"After “(.*?)” its forget gate stays at (\S+?)(?: or more)? for (\d+) word", along):
        assert (stays[1], int(stays[3])) == (words[from_ - 1], after - from_)
        assert short(min(between)) == stays[2]
        assert min(between) >= 0.9
    else:
        assert not between
    if ended := re.search(r"the unit is (cleared|replaced) at “(.*?)” \(word (\d+)\)", along):
        assert reading(steps[int(ended[3]) - 1]) == ended[1]
        assert words[int(ended[3]) - 1] == ended[2]
    if by_gate := re.search(r"its output gate at “(.*?)” is (\S+) in place of (\S+), and its value", along):
        at = main["carrier"]["patched_after"] - 1
        assert by_gate.groups() == (words[at], short(main["carrier"]["shows"][at]), short(steps[at]["shows"]))
        assert main["carrier"]["by_gate"]


def test_the_highway(shown: Shown) -> None:
    data, page, _ = shown
    highway = section(page, "THE HIGHWAY")
    felt = {
        network["cell"]: [step["gradient"]["choice"] for step in network["steps"] if step["gradient"]]
        for network in data["networks"]
    }
    gone = {
        cell: next((back for back, error in enumerate(errors[::-1]) if error is None or error < -3), None)
        for cell, errors in felt.items()
    }
    for cell, errors in felt.items() if len(data["words"]) <= 40 else ():
        (row,) = re.findall(rf"^ {cell} +(.*)$", highway, re.MULTILINE) or [""]
        for mark, error in zip(row.split(), errors, strict=False):
            assert (mark[0] == "▲") == (error is not None and error >= 0.176)
            assert (mark[0] == "·") == (error is None or error < -3)
    for back, cell in re.findall(r"(\d+) words? back in the (\w+)", highway):
        assert gone[cell] == int(back)
    if "Nowhere here does it vanish" in highway:
        assert set(gone.values()) == {None}
    for cell in re.findall(r"the (\w+)", highway.partition("nowhere in ")[2].partition(".")[0]):
        assert gone[cell] is None
    if grown := re.search(r"On its way it grew in (.*?) \(▲\)", highway):
        assert {network["cell"] for network in of_cells(data, grown[1])} == {
            cell for cell, errors in felt.items() if any(error is not None and error >= 0.176 for error in errors)
        }


def test_the_factors(shown: Shown) -> None:
    data, page, _ = shown
    why = section(page, "WHY")
    kept = {}
    for network in data["networks"] if why else ():
        words, error = network["why"]["words"], network["verdict"]["error"]
        assert words == network["choice"]["after"] - network["verdict"]["at"]
        (row,) = re.findall(rf"^ {network['cell']} +(.*)$", why, re.MULTILINE)
        if error is None:
            assert row.startswith("× 0")
            continue
        mean = factor(10 ** (error / words), words, 2)
        kept[network["cell"]] = error
        assert row.startswith(f"× {mean}, {mean}^{words} = {power(error, 2)}" if words > 1 else f"× {mean}")
        if gates := re.search(r"unit (\d+) alone: (?:forget|update) gates? × ([^\s^]+)(?:\^\d+ = (\S+))?$", row):
            carrier = network["carrier"]
            assert (carrier["unit"], carrier["share"] >= 0.5) == (int(gates[1]), True)
            at, after = network["verdict"]["at"], network["choice"]["after"]
            product = prod(step["keeps"] for step in network["unit"]["steps"][at:after])
            assert gates[2] == factor(product ** (1 / words), words, 2)
            if gates[3]:
                assert gates[3] == power(log10(product), 2)
    if times := re.search(r"over (\d+) words? the (\w+) keeps (\S+) times what the (\w+) keeps", why):
        ratio = kept[times[2]] - kept[times[4]]
        told = times[3].replace(",", "")
        assert float(told) == pytest.approx(10**ratio, rel=0.5 if "e" in told else 0.06)


def test_what_all_units_do(shown: Shown) -> None:
    data, page, names = shown
    told, main = section(page, "WORD BY WORD"), main_of(data)
    if not told:
        return
    steps, memory = main["steps"], main["memory"]
    if stays := re.search(r"From word to word (\d+%) of the memory stays", told):
        held = sum(abs(value) for line in memory[:-1] for value in line)
        assert stays[1] == percent(1 - sum(step["wiped"] for step in steps[1:]) / held)
    if most := re.search(r"“(.*?)” wrote most \(([\d.]+)\)(?: and|, “(.*?)”) wiped most \(([\d.]+)\)", told):
        writer, wiper = (max(steps, key=lambda step: step[what]) for what in ("written", "wiped"))
        assert (most[1], most[2]) == (names[writer["number"] - 1], plain(writer["written"]))
        assert (most[3] or most[1], most[4]) == (names[wiper["number"] - 1], plain(wiper["wiped"]))
    if start := re.search(r"At the end (\S+) of all that it holds is still the start state", told):
        assert start[1] == percent(steps[-1]["holds"]["start"])
    for row in re.findall(r"^ *(\d+) \S+ +\S+ ([.\d]+) +\S+ ([.\d]+) +\S+ ([.\d]+) +(\d+) +(\d+) +(\d+)", told, re.M):
        gates = steps[int(row[0]) - 1]["gates"]
        assert list(row[1:4]) == [short(gates[name]) for name in ("keeps", "adds", "shows")]
        assert list(map(int, row[4:])) == [gates["clears"], gates["writes"], gates["holds"]]


def test_below_the_words(shown: Shown) -> None:
    data, _, _ = shown
    main = main_of(data)
    name = next(name for name in SENTENCES if report_of(name).sentence == data["sentence"])
    page = render(explain_page(report_of(name), BRIEF), 1000)
    gloss = section(page, "BELOW THE WORDS")
    if "of the LSTM" not in gloss.partition("\n")[0] or len(data["words"]) > 40:
        return
    carrier = main["carrier"]
    assert f"unit {carrier['unit']} of the LSTM carries" in gloss
    by_gate = carrier["by_gate"]
    own = [step["shows" if by_gate else "value"] for step in main["unit"]["steps"]]
    write = short if by_gate else plain
    swapped = carrier["shows" if by_gate else "values"]
    rows = [line.split()[-len(own) :] for line in gloss.splitlines()[2:] if line.strip()]
    assert [write(value) for value in own] in rows
    assert [write(value) for value in swapped] in rows
