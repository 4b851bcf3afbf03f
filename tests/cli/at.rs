//! `gradtape grad --at FILE.csv`: a point in each row.

use crate::run::{Folder, Run, finished, printed, program, refused, run};
use std::io::Write;
use std::process::Stdio;

#[test]
fn a_row_is_printed_for_each_row_of_the_file() {
    let folder = Folder::new();
    let file = folder.file("points.csv", "name,x,\"y, too\"\na,3,0.5\nb,-1,1e-3\n");
    let out = printed(&["grad", "a*x^2 + `y, too`", "a=2", "--at", &file]);
    assert_eq!(out, "value,d/dx,\"d/dy, too\",d/da\n18.5,12,1,9\n2.001,-4,1,1\n");
    let out = printed(&["grad", "a*x^2", "a=2", "--at", &file, "--wrt", "x"]);
    assert_eq!(out, "value,d/dx\n18,12\n2,-4\n");
    // A column may be a number that is no variable.
    let out = printed(&["grad", "a^x", "a=2", "--at", &file, "--wrt", "a"]);
    assert_eq!(out, "value,d/da\n8,12\n0.5,-0.25\n");
    let out = printed(&["grad", "x^2", "--at", &file, "--json"]);
    let expected = r#"{"value":9.0,"variables":[{"derivative":6.0,"name":"x","value":3.0}]}
{"value":1.0,"variables":[{"derivative":-2.0,"name":"x","value":-1.0}]}
"#;
    assert_eq!(out, expected);
}

#[test]
fn each_row_takes_its_own_branch() {
    let folder = Folder::new();
    let file = folder.file("points.csv", "x\n-2\n3\n");
    assert_eq!(printed(&["grad", "if(x > 0, x^2, -x)", "--at", &file]), "value,d/dx\n2,-1\n9,6\n");
}

#[test]
fn a_file_may_have_a_byte_order_mark_other_line_ends_quotes_and_spaces() {
    let folder = Folder::new();
    for text in [
        "\u{feff}x,y\r\n1,2\r\n3,4\r\n",
        "x , y\n\"1\", 2\n 3,\"4\"",
        "x,y\n1,2\n\n3,4\n",
        "x;\"y\"\n1;2\n3;4\n",
        "x\ty\n1\t2\n3\t4\n",
    ] {
        let file = folder.file("points.csv", text);
        assert_eq!(printed(&["grad", "x*y", "--at", &file]), "value,d/dx,d/dy\n2,2,1\n12,4,3\n");
    }
    assert_eq!(printed(&["grad", "x", "--at", &folder.file("none.csv", "x\n")]), "value,d/dx\n");
}

#[test]
fn the_standard_input_is_a_file_too() {
    let mut command = program(&["grad", "x^2", "--at", "-"]);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    child.stdin.take().expect("it is piped").write_all(b"x\n5\n").expect("it reads");
    let Run { code, out, err } = finished(child.wait_with_output().expect("it ends"));
    assert_eq!((code, out.as_str(), err.as_str()), (0, "value,d/dx\n25,10\n", ""));
}

#[test]
fn a_bad_file_is_refused_with_row_and_column() {
    let folder = Folder::new();
    let cases: [(&[u8], &str); 8] = [
        (
            b"a,b\n1,2\n",
            "no column is called `x`, and it has no value: the columns are `a`, `b`; or give x=1",
        ),
        (b"", "no column is called `x`, and it has no value: the file is empty; or give x=1"),
        (b"x,x\n1,2\n", "two columns are called `x`: rename one"),
        (
            b"x:y\n1:2\n",
            "no column is called `x`, and it has no value: the columns are `x:y`; or give x=1",
        ),
        (
            b"x,z\n1,2\n1\n",
            "line 3 has 1 field, and the header has 2: give each row a field for each column",
        ),
        (b"x\n\xff\xfe\n", "line 2 is no text in UTF-8: save the file as UTF-8"),
        (b"x,z\n1,2\n,2\n", "row 2 (line 3), column `x` is empty: give it a number"),
        (
            b"x\n\"1,5\"\n",
            "row 1 (line 2), column `x` is `1,5`, which is no number, or too large for one",
        ),
    ];
    for (text, message) in cases {
        let file = folder.file("points.csv", text);
        let Run { code, err, .. } = run(&["grad", "x^2", "--at", &file]);
        assert_eq!((code, err), (2, format!("error: {file}: {message}\n")));
    }
    let file = folder.file("points.csv", "x\n1e999\n");
    let Run { code, err, .. } = run(&["grad", "x^2", "--at", &file]);
    assert!(
        code == 2 && err.contains("column `x` is `1e999`, which is no number, or too large"),
        "{err}"
    );
    let file = folder.file("points.csv", "x\ninf\nNaN\n");
    assert_eq!(printed(&["grad", "2*x", "--at", &file]), "value,d/dx\ninf,2\nNaN,2\n");
    let file = folder.file("points.csv", "x\n1\n");
    let message = refused(&["grad", "x^2", "x=2", "--at", &file]);
    assert!(message.ends_with("`x` is a column and has a value too: leave `x=` out"), "{message}");
    for pair in ["--check", "--program", "--hessian"] {
        let message = refused(&["grad", "x", "--at", &file, pair]);
        assert!(message.contains("cannot be used with"), "{message}");
    }
    let missing = folder.path("missing.csv");
    let message = refused(&["grad", "x", "--at", &missing]);
    assert_eq!(message, format!("{missing}: there is no such file: check the path"));
}

/// What was printed before a bad row stands; the exit code says that there is more.
#[test]
fn rows_before_a_bad_one_are_printed() {
    let folder = Folder::new();
    let file = folder.file("points.csv", "x\n1\n2\nabc\n");
    let Run { code, out, err } = run(&["grad", "x^2", "--at", &file]);
    assert_eq!((code, out.as_str()), (2, "value,d/dx\n1,2\n4,4\n"), "{err}");
    assert!(
        err.contains(
            "row 3 (line 4), column `x` is `abc`, which is no number, or too large for one"
        ),
        "{err}"
    );
}
