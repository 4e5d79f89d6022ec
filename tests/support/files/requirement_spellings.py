"""Requirements files in about a hundred spellings, each with what it gives: distributions, or the line that refuses it.

`{A}` and `{B}` are the sha256 of demo 1.0 and 2.0, `{W}` that of nothing; `{INDEX}` and
`{EXTRA}` are indexes, `{FILES}` is the address of the first one's files, `{LINKS}` a folder with linked 1.0. The folder
has `a b.txt`, `con.txt`, `more.txt`, and the projects `local` 1.0 and `.` (`shop` 1.0).
"""

from __future__ import annotations

from typing import NamedTuple


class Spelling(NamedTuple):
    """A file, and what the library makes of it."""

    name: str
    text: str
    gives: str
    """Names and versions, or a part of the refusal, which begins with `!`."""
    alone: str = ""
    """The reason for a refusal where pip and uv install."""
    encoding: str = "utf-8"


S = Spelling
DEMO = "demo==1.0"
OPEN = "pip looks for the version that has the hash, uv takes the newest, and refuses it by --require-hashes"
HASHED = "demo==1.0 --hash=sha256:{A}"

SPELLINGS = (
    # --- names, versions, markers
    S("pinned", "demo==1.0", DEMO),
    S("triple equals", "demo===1.0", DEMO),
    S("open", "demo", "demo==2.0"),
    S("range", "demo<2", DEMO),
    S("brackets around the versions", "demo (==1.0)", DEMO),
    S("spaces and capitals", "  DeMo  ==  1.0  ", DEMO),
    S("dots and underscores", "two_words==1.0", "two-words==1.0"),
    S("an extra", "app[more]==1.0", "app==1.0 demo==2.0 other==1.0"),
    S("dependencies", "app==1.0", "app==1.0 other==1.0"),
    S("a marker that holds", "demo==1.0 ; python_version > '3'", DEMO),
    S("a marker that does not hold", "demo==1.0\nother==1.0 ; sys_platform == 'win32'", DEMO),
    S("a marker without spaces", "demo==1.0;python_version>'3'", DEMO),
    S("a marker over two lines", "demo==1.0 ; python_version \\\n > '3'", DEMO),
    S("one name by marker", "demo==1.0 ; python_version > '3'\ndemo==2.0 ; python_version < '3'", DEMO),
    S("the same line twice", "demo==1.0\ndemo==1.0", DEMO),
    S("an unknown marker", "demo==1.0 ; color == 'blue'", "!is no requirement"),
    S("no version", "demo==", "!is no requirement"),
    S("one equals sign", "demo=1.0", "!is no requirement"),
    S("two names on a line", "demo other", "!is no requirement"),
    S("a comma behind", "demo==1.0,", DEMO),
    S("a name that is a file of requirements", "more.txt", "!write -r in front of it"),
    S("thousands of digits", "demo==" + "1" * 5000, "!number of more than 18 digits"),
    # --- lines, comments, encodings
    S("comments and empty lines", "# one\n\n   # two\ndemo==1.0 # three", DEMO),
    S("a hash sign in the middle of a word", "demo==1.0#x", "!is no requirement"),
    S("line ends of Windows", "demo==1.0\r\nother==1.0\r\n", "demo==1.0 other==1.0"),
    S("a continued line", "demo\\\n==1.0", DEMO),
    S("a continued last line", "demo==1.0 \\", DEMO),
    S("a continued comment", "# one \\\ndemo==1.0", DEMO),
    S(
        "a backslash behind a comment",
        "demo==1.0  # see C:\\dir\\\nother==1.0",
        "!ends with a backslash",
        alone="pip and uv install different distributions",
    ),
    S("a comment between continued lines", "demo==1.0 \\\n  # why\nother==1.0", "demo==1.0 other==1.0"),
    S("a form feed", "demo==1.0\n\x0cother==1.0", "demo==1.0 other==1.0"),
    S("a byte order mark", "demo==1.0", DEMO, encoding="utf-8-sig"),
    S("UTF-16", "demo==1.0", DEMO, encoding="utf-16"),
    S("UTF-16, the other order", "\ufeffdemo==1.0", DEMO, encoding="utf-16-be"),
    S("a coding line", "# coding: latin-1\ndemo==1.0 # \xe9", DEMO, encoding="latin-1"),
    S("Latin-1 without a word", "demo==1.0 # \xe9", "!is not UTF-8", encoding="latin-1"),
    S(
        "an encoding that is none",
        "# coding: klingon\ndemo==1.0",
        "!is no encoding",
        alone="uv does not look at coding lines",
    ),
    S("a byte of zero", "demo==1.0 # \x00", "!control character", alone="a byte that is in no text"),
    S("nothing", "# nothing\n", ""),
    # --- hashes
    S("hashed", HASHED, DEMO),
    S("hashed, by a space", "demo==1.0 --hash sha256:{A}", DEMO),
    S("hashed, in capitals", "demo==1.0 --hash=sha256:{A!u}", DEMO),
    S("hashed, over lines", "demo==1.0 \\\n    --hash=sha256:{W} \\\n    --hash=sha256:{A}", DEMO),
    S("hashed, behind a tab", "demo==1.0\t--hash=sha256:{A}", DEMO),
    S("hashed, of a marker that does not hold", HASHED + "\nother==1.0 ; sys_platform == 'win32'", DEMO),
    S("hashed, with a further kind", HASHED + " --hash=sha512:{W}{W}", DEMO),
    S(
        "two versions by marker",
        "demo==2.0 ; python_version < '3' --hash=sha256:{B}\n"
        "demo==1.0 ; python_version > '3' --hash=sha256:{A}",
        DEMO,
    ),
    S(
        "two versions, swapped hashes",
        "demo==1.0 ; python_version > '3' --hash=sha256:{B}\n"
        "demo==2.0 ; python_version < '3' --hash=sha256:{A}",
        "!none of the hashes",
    ),
    S("one line twice, hashed once", HASHED + "\ndemo==1.0", DEMO),
    S(
        "one line twice, with other hashes",
        HASHED + "\ndemo==1.0 --hash=sha256:{W}",
        "!no sha256 in common",
        alone="pip takes the first line's, uv the last one's",
    ),
    S("a wrong hash", "demo==1.0 --hash=sha256:{W}", "!none of the hashes"),
    S("a short hash", "demo==1.0 --hash=sha256:abc", "!is no hash"),
    S("63 digits", "demo==1.0 --hash=sha256:{A63}", "!is no hash"),
    S("65 digits", "demo==1.0 --hash=sha256:{A}0", "!is no hash"),
    S("no digits", "demo==1.0 --hash=sha256:", "!is no hash"),
    S("no hexadecimal digits", "demo==1.0 --hash=sha256:{Z}", "!is no hash"),
    S("no algorithm", "demo==1.0 --hash={A}", "!is no hash"),
    S("a word for a hash", "demo==1.0 --hash=somehash", "!is no hash"),
    S("a hyphen in the algorithm", "demo==1.0 --hash=sha-256:{A}", "!is no hash"),
    S("a space in front of =", "demo==1.0 --hash =sha256:{A}", "!is no hash"),
    S("a comment glued to the hash", "demo==1.0 --hash=sha256:{A}#c", "!is no hash"),
    S("md5", "demo==1.0 --hash=md5:0123", "!only sha256"),
    S("a hash alone on its line", "demo==1.0\n--hash=sha256:{A}", "!--hash stands alone"),
    S("a comment in front of the hash", "demo==1.0 \\\n  # why\n  --hash=sha256:{A}", "!--hash stands alone"),
    S("one line without a hash", HASHED + "\nother==1.0", "!requirements.txt:2: other has no sha256 hash"),
    S("hashes without a version", "demo --hash=sha256:{B}", "!is not pinned", alone=OPEN),
    S("hashes with a range", "demo>=1.0 --hash=sha256:{B}", "!is not pinned", alone=OPEN),
    S("hashes asked for", "--require-hashes\n" + HASHED, DEMO),
    S("hashes asked for and not given", "--require-hashes\ndemo==1.0", "!demo has no sha256 hash"),
    S("hashes asked for at the end", "demo==1.0\n--require-hashes", "!demo has no sha256 hash"),
    S("hashes switched off", "--no-require-hashes\ndemo==1.0", "!not switched off"),
    S("the sdist's hash", "both==1.0 --hash=sha256:{S}", "both==1.0"),
    S("a hash in an address", "{FILES}/demo-1.0-py3-none-any.whl#sha256={A}", DEMO),
    S("a wrong hash in an address", "{FILES}/demo-1.0-py3-none-any.whl#sha256={W}", "!sha256"),
    S("a short hash in an address", "{FILES}/demo-1.0-py3-none-any.whl#sha256=abc", "!is no sha256"),
    S("an md5 in an address", "{FILES}/demo-1.0-py3-none-any.whl#md5=0123", "!only sha256"),
    S("a folder beside hashes", HASHED + "\n./local", "!which has no sha256"),
    # --- includes
    S("include", "-r more.txt", "other==1.0"),
    S("include, joined", "-rmore.txt", "other==1.0"),
    S("include, long", "--requirement=more.txt", "other==1.0"),
    S("include in quotes", '-r "a b.txt"', DEMO),
    S("include of two words", "-r a b.txt", "!is not understood", alone="pip reads one word, uv two"),
    S("include by a variable", "-r ${{HERE}}/more.txt", "other==1.0"),
    S("include by a variable that is not set", "-r ${{NOWHERE}}/more.txt", "!NOWHERE is not set"),
    S("include by an address of this machine", "-r {HERE_URL}/more.txt", "other==1.0"),
    S("include by a web address", "-r {FILES}/demo-1.0.txt", "!is not followed"),
    S("include of nothing", "-r gone.txt", "!does not exist"),
    S("include of itself", "-r requirements.txt\ndemo==1.0", "!includes itself"),
    S("include twice", "-r more.txt\n-r more.txt", "other==1.0"),
    S("two includes on a line", "-r more.txt -r con.txt", "!alone on a line"),
    S("an open quote", '-r "more.txt', "!cannot be read"),
    S("constraint", "demo\n-c con.txt", DEMO),
    S("constraint of what is not asked for", "other\n-c con.txt", "other==1.0"),
    S("constraint with a hash", "demo==1.0\n-c hashed.txt", DEMO),
    S("constraint with a wrong hash", "demo==1.0\n-c wrong.txt", "!none of the hashes"),
    S(
        "include in a constraint",
        "other\n-c nested.txt",
        "!write -c",
        alone="pip and uv read different things",
    ),
    S("constraint without a name", "demo\n-c unnamed.txt", "!a constraint is a name"),
    # --- indexes
    S("an index", "--index-url {INDEX}\ndemo==1.0", DEMO),
    S("an index, short", "-i {INDEX}\ndemo==1.0", DEMO),
    S("an index, joined", "-i{INDEX}\ndemo==1.0", DEMO),
    S(
        "a second index",
        "--extra-index-url {EXTRA}\ndemo",
        "!requirements.txt:1: --extra-index-url",
        alone="decided",
    ),
    S(
        "a second index behind a mark",
        "\ufeff--extra-index-url {EXTRA}\ndemo",
        "!--extra-index-url",
        alone="decided",
    ),
    S(
        "a second index behind a comment",
        "demo==1.0 # C:\\\n--extra-index-url {EXTRA}\n",
        "!ends with a backslash",
        alone="pip and uv ask different indexes",
    ),
    S(
        "a second index behind an option",
        "--require-hashes --extra-index-url {EXTRA}\n" + HASHED,
        "!--extra-index-url",
        alone="decided",
    ),
    S(
        "a second index behind a hash",
        "demo==9.0 \\\n--hash=sha256:{W} \\\n--extra-index-url {EXTRA}",
        "!stands behind a requirement",
    ),
    S("a second index, shortened", "--extra-index {EXTRA}\ndemo==1.0", "!is not understood"),
    S(
        "links of an address",
        "--find-links {EXTRA}/onlyextra/\nonlyextra==1.0",
        "!--find-links",
        alone="decided",
    ),
    S("links of a folder", "--find-links links\nlinked==1.0", "linked==1.0"),
    S("links of a folder, by address", "-f {LINKS_URL}\n--no-index\nlinked==1.0", "linked==1.0"),
    S("links with a hash", "-f ./links\nlinked==1.0 --hash=sha256:{L}", "linked==1.0"),
    S("no index", "--no-index\ndemo==1.0", "!index lookups were disabled"),
    # --- other options
    S("prereleases", "--pre\nearly", "early==2.0a1"),
    S("trusted host", "--trusted-host 127.0.0.1\ndemo==1.0", DEMO),
    S("prefer binary", "--prefer-binary\ndemo==1.0", DEMO),
    S("only binary", "--only-binary :all:\nboth==1.0", "both==1.0"),
    S("an unknown option", "--colour\ndemo==1.0", "!is not understood"),
    S("an option without a value", "demo==1.0\n--index-url", "!has no value"),
    S(
        "settings for a backend",
        "demo==1.0 --config-settings=a=b",
        "!is not allowed",
        alone="no build gets them",
    ),
    S("an option of an old pip", "demo==1.0 --global-option=x", "!is not allowed"),
    # --- files and folders
    S("a wheel", "./links/linked-1.0-py3-none-any.whl", "linked==1.0"),
    S("a wheel by its name alone", "linked-1.0-py3-none-any.whl", "linked==1.0"),
    S("a wheel with a hash", "./links/linked-1.0-py3-none-any.whl --hash=sha256:{L}", "linked==1.0"),
    S(
        "a wheel with a wrong hash",
        "./links/linked-1.0-py3-none-any.whl --hash=sha256:{W}",
        "!none of the hashes",
    ),
    S("a wheel by its address", "linked @ {LINKS_URL}/linked-1.0-py3-none-any.whl", "linked==1.0"),
    S("a wheel of the web", "demo @ {FILES}/demo-1.0-py3-none-any.whl", DEMO),
    S(
        "a wheel with a marker",
        "./links/linked-1.0-py3-none-any.whl ; sys_platform == 'win32'\ndemo==1.0",
        DEMO,
    ),
    S("a wheel that is not there", "./links/gone-1.0-py3-none-any.whl", "!no file and no folder"),
    S("a folder", "./local", "local==1.0 other==1.0"),
    S("an editable folder", "-e ./local", "local==1.0 other==1.0"),
    S("an editable folder with extras", "-e ./local[more]", "demo==2.0 local==1.0 other==1.0"),
    S("an editable folder, long", "--editable=./local", "local==1.0 other==1.0"),
    S("an editable folder with a marker", "-e ./local ; sys_platform == 'win32'\ndemo==1.0", DEMO),
    S("the project itself", "-e .\ndemo==1.0", "demo==1.0 other==1.0"),
    S("a folder without a project", "./links", "!is no project"),
    S("a folder that is not there", "-e ./gone", "!no file and no folder"),
    S("version control beside hashes", HASHED + "\ngit+file:///nowhere@main#egg=x", "!which has no sha256"),
)
