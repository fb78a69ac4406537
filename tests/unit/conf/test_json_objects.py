"""The strict reading of JSON objects: what is taken, what is wrong, and where."""

from dataclasses import replace

import pytest
from support.build import source, values

from pci_placement.conf.json_objects import Fields, OptionValue, hex_number, read_objects
from pci_placement.model import DevType, Severity


def fields(**content) -> Fields:
    return Fields(source(), content)


def said(read: Fields) -> list[str]:
    """What was found wrong; all of it must say where."""
    assert all(problem.source == source() for problem in read.problems)
    return [f"{p.problem}; {p.suggestion}" if p.suggestion else p.problem for p in read.problems]


def test_a_warning_leaves_an_object_valid_and_an_error_does_not():
    read = fields()
    read.warn("odd", "write it so")
    assert read.is_valid
    read.error("wrong")
    assert not read.is_valid
    assert [problem.severity for problem in read.problems] == [Severity.WARNING, Severity.ERROR]
    assert said(read) == ["odd; write it so", "wrong"]


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("vendorid", "write 'vendor_id'"),
        ("VENDOR_ID", "write 'vendor_id'"),
        ("colour", "known keys are name, vendor_id"),
    ],
)
def test_an_unknown_key_is_an_error_that_names_what_was_meant(key, hint):
    read = fields(**{key: "8086"})
    read.check_keys({"vendor_id", "name"})
    assert said(read) == [f"unknown key {key!r}; {hint}"]


def test_known_keys_are_fine():
    read = fields(name="x")
    read.check_keys({"vendor_id", "name"})
    assert said(read) == []


def test_text_is_stripped_and_none_where_it_is_absent():
    read = fields(name="  ens1f0\t")
    assert (read.text("name"), read.text("other"), said(read)) == ("ens1f0", None, [])


NOT_TEXT = [
    pytest.param("", '""', id="empty"),
    pytest.param("  ", '"  "', id="blank"),
    pytest.param(8086, "8086", id="number"),
    pytest.param(None, "null", id="null"),
    pytest.param(True, "true", id="boolean"),
    pytest.param({}, "{}", id="object"),
    pytest.param(["8086"], '["8086"]', id="list"),
    pytest.param("\u00a0", '"\\u00a0"', id="no-break space"),
    pytest.param(["x" * 56], '["' + "x" * 56 + '"]', id="60 characters"),
    pytest.param(["x" * 57], '["' + "x" * 55 + "…", id="long"),
]


@pytest.mark.parametrize(("value", "shown"), NOT_TEXT)
def test_text_must_be_a_string_that_is_not_empty(value, shown):
    read = fields(id=value)
    assert read.text("id") is None
    assert said(read) == [f"id must be a string that is not empty, not {shown}"]


def test_wrong_text_is_answered_with_an_example_where_there_is_one():
    read = fields(id=8086)
    read.text("id", "8086")
    assert read.problems[0].suggestion == 'write "id": "8086" or leave id out'


def test_text_is_converted():
    read = fields(count=" 7 ")
    assert (read.convert("count", int), read.convert("other", int), said(read)) == (7, None, [])


def test_what_conversion_refuses_is_a_problem():
    read = fields(count="x")
    assert read.convert("count", lambda text: hex_number(text, "it", 9), "7") is None
    assert said(read) == [
        'count: it \'x\' is not a hexadecimal number; write, for example, "count": "7"'
    ]


def test_what_is_not_even_text_is_not_converted():
    read = fields(count=7)
    assert read.convert("count", int) is None
    assert len(said(read)) == 1


@pytest.mark.parametrize(
    ("value", "flag"),
    [(True, True), (False, False)]
    + [(word, True) for word in ("1", "t", "true", "on", "y", "yes", " True ", "YES")]
    + [(word, False) for word in ("0", "f", "false", "off", "n", "no", "False\n", "NO")],
)
def test_a_flag_is_a_boolean_or_a_word_that_nova_takes_for_one(value, flag):
    read = fields(trusted=value)
    assert read.flag("trusted") is flag
    assert read.is_valid


def test_a_flag_that_is_absent_is_neither():
    read = fields()
    assert read.flag("trusted") is None
    assert read.is_valid


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, "null"), (1, "1"), ("", '""'), ("maybe", '"maybe"'), ([True], "[true]")],
)
def test_any_other_flag_is_an_error(value, shown):
    read = fields(trusted=value)
    read.flag("trusted")
    assert said(read) == [f"trusted must be true or false, not {shown}"]


@pytest.mark.parametrize("dev_type", list(DevType))
def test_a_device_type_is_one_of_novas(dev_type):
    read = fields(device_type=str(dev_type))
    assert read.dev_type("device_type") is dev_type
    assert read.problems == []


@pytest.mark.parametrize("short", ["PCI", "PF", "VF"])
def test_zuns_short_device_types_are_read_with_a_warning(short):
    read = fields(device_type=short)
    assert read.dev_type("device_type") == f"type-{short}"
    assert read.is_valid
    assert said(read) == [f"device_type '{short}' is read as type-{short}; write it in full"]


@pytest.mark.parametrize("text", ["type-pf", "pf", "type-GPU", "type-"])
def test_other_device_types_are_errors(text):
    read = fields(device_type=text)
    assert read.dev_type("device_type") is None
    assert said(read) == [
        f"device_type {text!r} is not a device type; write type-PCI, type-PF, type-VF"
    ]


def test_a_device_type_may_be_absent_but_not_empty():
    absent, empty = fields(), fields(device_type="")
    assert (absent.dev_type("device_type"), absent.problems) == (None, [])
    assert empty.dev_type("device_type") is None
    assert [problem.problem for problem in empty.problems] == [
        'device_type must be a string that is not empty, not ""'
    ]


def lower(text: str) -> str:
    if "!" in text:
        raise ValueError(f"{text!r} has a mark")
    return text.strip().lower()


@pytest.mark.parametrize(
    ("value", "made"),
    [
        pytest.param("A", {"a"}, id="one"),
        pytest.param("A, B,A", {"a", "b"}, id="commas"),
        pytest.param(["A", "B"], {"a", "b"}, id="list"),
        pytest.param("A,, ,B,", {"a", "b"}, id="empty parts are mended"),
        pytest.param("", set(), id="empty string"),
        pytest.param([], set(), id="empty list"),
        pytest.param(["A", " "], {"a"}, id="empty item"),
    ],
)
def test_names_come_as_a_list_or_with_commas(value, made):
    read = fields(traits=value)
    assert read.names("traits", lower) == made
    assert read.problems == []


def test_no_names_are_no_problem():
    read = fields()
    assert read.names("traits", lower) == frozenset()
    assert read.problems == []


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, "null"), (7, "7"), ({"A": 1}, '{"A": 1}'), (["A", 7], '["A", 7]')],
)
def test_names_are_strings(value, shown):
    read = fields(traits=value)
    assert read.names("traits", lower) == frozenset()
    assert said(read) == [f"traits must be a string or a list of strings, not {shown}"]


def test_every_name_that_cannot_be_made_is_a_problem():
    read = fields(traits="A,B!,C!")
    assert read.names("traits", lower) == {"a"}
    assert said(read) == ["traits: 'B!' has a mark", "traits: 'C!' has a mark"]


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("1f", 31), ("1F", 31), ("0001", 1)])
def test_hexadecimal_digits_are_a_number(text, number):
    assert hex_number(text, "slot", 0x1F) == number


@pytest.mark.parametrize(
    "text", ["", "0x1", "+1", "-1", "1_0", " 1", "1\n", "g", "٣", "\uff11", "1.0"]
)
def test_anything_else_is_not_a_hexadecimal_number(text):
    with pytest.raises(ValueError, match="is not a hexadecimal number"):
        hex_number(text, "slot", 0x1F)


def test_a_hexadecimal_number_has_a_limit():
    with pytest.raises(ValueError, match="slot '20' is greater than 1f"):
        hex_number("20", "slot", 0x1F)


def test_a_value_is_an_object_or_a_list_of_them():
    objects, problems = read_objects(values({"a": 1}, [{"b": 2}, {"c": 3}], [], "{}"))
    assert [read.content for read in objects] == [{"a": 1}, {"b": 2}, {"c": 3}, {}]
    assert [read.source.entry for read in objects] == [1, 2, 3, 4]
    assert problems == []


def test_objects_are_counted_within_one_option_of_one_file():
    places = [
        source(file="a"),
        source(file="b"),
        source(file="b", option="[pci] x"),
        source(file="b"),
    ]
    objects, _ = read_objects(OptionValue(place, "{}") for place in places)
    assert [read.source.entry for read in objects] == [1, 1, 1, 2]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("", "not JSON: Expecting value at line 1, column 1", id="empty"),
        pytest.param('{"a": 1\n"b"}', "not JSON: Expecting ',' delimiter at line 2", id="comma"),
        pytest.param("{'a': 1}", "not JSON: Expecting property name", id="quotes"),
        pytest.param('{"a": 1}}', "not JSON: Extra data at line 1, column 9", id="extra brace"),
        pytest.param('{"a": NaN}', "not usable JSON: NaN is not JSON", id="NaN"),
        pytest.param("[-Infinity]", "not usable JSON: -Infinity is not JSON", id="infinity"),
        pytest.param('{"b": 1, "a": 2, "b": 3}', "the key 'b' is given twice", id="key twice"),
        pytest.param('{"x": {"a": 2, "a": 3}}', "the key 'a' is given twice", id="key within"),
        pytest.param("[" * 100_000, "not usable JSON: it is nested too deeply", id="too deep"),
        pytest.param('{"a": %s}' % ("9" * 5000), "not usable JSON: Exceeds", id="long number"),
        pytest.param("7", "a JSON object is needed, not 7", id="number"),
        pytest.param("null", "a JSON object is needed, not null", id="null"),
        pytest.param('[["8086"]]', 'a JSON object is needed, not ["8086"]', id="list in list"),
    ],
)
def test_what_is_not_an_object_is_a_problem(text, problem):
    objects, problems = read_objects(values(text))
    assert objects == []
    assert [found.source for found in problems] == [source(1)]
    assert problem in problems[0].problem
    assert problems[0].suggestion.startswith("write a JSON object such as {")


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        pytest.param("{'a': 1}", "; what it quotes stands in double quotes", id="quotes"),
        pytest.param('{"a": 1,}', "; no comma stands before }", id="comma"),
        pytest.param('{"a": 1 , }', "; no comma stands before }", id="comma and blanks"),
        pytest.param('{"a": }', '"product_id": "0443"}', id="no value"),
        pytest.param('{"a": 1, , "b": 2}', '"product_id": "0443"}', id="two commas"),
        pytest.param('{a: "1"}', '"product_id": "0443"}', id="neither"),
    ],
)
def test_what_a_slip_mostly_is_is_told(text, hint):
    _, (problem,) = read_objects(values(text))
    assert problem.suggestion.endswith(hint)


def test_a_broken_object_is_counted_so_that_the_others_keep_their_numbers():
    objects, problems = read_objects(values([{}, 7, {}], "{", {}))
    assert [read.source.entry for read in objects] == [1, 3, 5]
    assert [problem.source.entry for problem in problems] == [2, 4]


def test_each_object_of_a_list_has_a_line_and_a_text_of_its_own():
    text = '[{"a": "1"},\n\n  {"b":\n "[2]"}, {"c": []}\n]'
    found, problems = read_objects([OptionValue(replace(source(), line=7), text)])
    assert problems == []
    assert [(each.source.line, each.source.text) for each in found] == [
        (7, '{"a": "1"}'),
        (9, '{"b": "[2]"}'),
        (10, '{"c": []}'),
    ]


@pytest.mark.parametrize("text", ["[]", "[ ]", "[\n]"])
def test_an_empty_list_holds_nothing(text):
    assert read_objects([OptionValue(source(), text)]) == ([], [])


def test_what_is_no_object_is_told_with_its_text():
    _, (problem, other) = read_objects(
        [OptionValue(source(), '{"a": 1}, {"b": 2}'), OptionValue(source(), '["a"]')]
    )
    assert problem.suggestion == "several objects are a list, [{…}, {…}], or an assignment each"
    assert (problem.source.text, other.source.text) == ('{"a": 1}, {"b": 2}', '"a"')
