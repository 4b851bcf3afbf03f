//! `gradtape grad`.

use crate::run::{printed, refused};

#[test]
fn value_and_gradient_are_printed_with_all_their_digits() {
    let text = printed(&["grad", "softplus(w*x + b)^2", "w=1.5", "x=2", "b=-1"]);
    let expected = "\
value  4.523822764159216

variable   at          derivative
w         1.5   7.493567908783837
x           2   5.620175931587878
b          -1  3.7467839543919186
";
    assert_eq!(text, expected);
}

#[test]
fn an_unknown_function_is_shown_with_the_nearest_one() {
    let message = refused(&["grad", "2*softplas(x)", "x=1"]);
    let expected =
        "`softplas` is no function; did you mean `softplus`?\n  2*softplas(x)\n    ^^^^^^^^";
    assert_eq!(message, expected);
}
