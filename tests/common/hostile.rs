//! Names that a terminal, a page, a drawing or a reader could obey.

#![allow(dead_code, reason = "each test uses its part")]

/// Labels that some format could take for more than a label.
pub const HOSTILE: [&str; 17] = [
    "a < b && c > \"d\"",
    "</script><script>alert(1)</script>",
    "<!-- -->",
    "&lt;b&gt; &amp; #35; #quot;",
    "two\nlines\r\nand\ttabs",
    "back\\slash \\n \\N \\\" \\",
    "end",
    "\"];\n  n0 -> n0 [label=\"",
    "\"] --> n0[\"",
    "%%{init: {\"theme\": \"dark\"}}%%",
    "1. list",
    "- list",
    "`**bold** _it_`",
    "$$x^2$$ fa:fa-car",
    "\u{1b}[31mred\u{1b}[0m \u{7}\0",
    "\u{202e}reversed\u{2028}",
    "😀 naïve 重み e\u{301}",
];

pub fn names() -> Vec<String> {
    let mut names: Vec<String> = HOSTILE.map(str::to_string).into();
    let more = [
        "",
        " ",
        "\u{3000}",
        "%12",
        "12",
        "NaN",
        "]]>",
        "-->",
        "subgraph",
        "click",
        "' onload='alert(1)",
        "{{x}} {y} ${z}",
        "a\u{061c}b\u{200b}c\u{feff}d\u{2066}e\u{2069}f\u{fff9}g",
        "\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}",
        "a\u{ad}b\u{200c}c\u{200d}d\u{2060}e\u{180e}f\u{34f}g",
        "\u{e0041}\u{e007f}\u{fffe}\u{ffff}",
        "\u{9b}31m and \u{1b}]0;title\u{7}",
        "\u{1b}]8;;http://example.com\u{1b}\\link\u{1b}]8;;\u{1b}\\",
        "\r\u{85}\u{2029}\u{b}\u{c}\u{7f}\u{8}",
        "\\ud800 \\x1b \\u{1b}",
        "EVCXR_END_CONTENT",
    ];
    names.extend(more.map(str::to_string));
    names.push("long ".repeat(2000));
    names.push("\u{202e}".repeat(2000));
    names
}

/// Characters that steer a terminal, or the order in which it shows others, or that are invisible. A text of several
/// lines has newlines of its own.
pub fn steers(c: char) -> bool {
    let unseen = "\u{ad}\u{34f}\u{61c}\u{180e}\u{2028}\u{2029}\u{feff}\u{fff9}\u{fffe}\u{ffff}";
    let embeds = ('\u{202a}'..='\u{202e}').contains(&c) || ('\u{2060}'..='\u{206f}').contains(&c);
    let joins = ('\u{200b}'..='\u{200f}').contains(&c) || ('\u{e0000}'..='\u{e007f}').contains(&c);
    (c.is_control() && c != '\n') || unseen.contains(c) || embeds || joins
}
