//! Help, completions, the man page, and what depends on the environment.

use crate::run::{Run, finished, printed, program, refused, run};

/// Every command, as the help lists them.
fn commands() -> Vec<String> {
    let help = printed(&["--help"]);
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    listed
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next().map(String::from))
        .collect()
}

#[test]
fn the_help_of_each_command_fits_a_screen_and_has_an_example() {
    let commands = commands();
    assert!(commands.len() >= 10, "{commands:?}");
    for command in
        [vec![], vec!["grad"]].into_iter().chain(commands.iter().map(|name| vec![name.as_str()]))
    {
        let help = printed(&[&command[..], &["--help"]].concat());
        assert!(
            help.lines().count() <= 24,
            "{command:?} has {} lines:\n{help}",
            help.lines().count()
        );
        let widest = help.lines().map(|line| line.chars().count()).max();
        assert!(widest <= Some(80), "{command:?} is {widest:?} wide:\n{help}");
        let example = help.lines().find(|line| line.starts_with("Example: gradtape "));
        let example = example.unwrap_or_else(|| panic!("{command:?} has no example:\n{help}"));
        let name = command.first().unwrap_or(&"grad");
        assert_eq!(example.split_whitespace().nth(2), Some(*name), "{example}");
        assert_eq!(help, printed(&[&command[..], &["-h"]].concat()), "{command:?}");
    }
}

#[test]
fn without_a_command_the_help_is_shown_and_that_is_misuse() {
    let Run { code, out, err } = run(&[]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert_eq!(err, printed(&["--help"]));
    let message = refused(&["gard", "x"]);
    assert!(message.starts_with("unrecognized subcommand 'gard'"), "{message}");
    assert!(message.contains("'grad'"), "{message}");
    assert!(printed(&["--version"]).starts_with(concat!("gradtape ", env!("CARGO_PKG_VERSION"))));
}

#[test]
fn every_shell_has_completions_for_every_command() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let text = printed(&["completions", shell]);
        for command in commands() {
            assert!(text.contains(&command), "{shell}: {command}");
        }
    }
    assert!(refused(&["completions", "tcsh"]).starts_with("invalid value 'tcsh'"));
}

#[test]
fn there_is_a_man_page_for_the_program_and_each_command() {
    let page = printed(&["man"]);
    assert!(page.contains(".TH gradtape 1") && page.contains("softplus"), "{page}");
    for command in commands() {
        assert!(page.contains(&command), "{command}");
        let page = printed(&["man", &command]);
        assert!(page.contains(&format!("gradtape\\-{command}")), "{page}");
    }
    assert_eq!(refused(&["man", "gard"]), "there is no command `gard`; did you mean `grad`?");
}

#[test]
fn nothing_is_painted_where_there_is_no_terminal() {
    for arguments in [
        &["table", "ln(x)", "x=-1"][..],
        &["explain", "ln(x)", "x=-1"],
        &["check", "ln(x)", "x=-1"],
        &["--help"],
        &["gard"],
        &["grad", "x +", "x=1"],
    ] {
        for environment in [
            vec![],
            vec![("NO_COLOR", "1")],
            vec![("TERM", "dumb")],
            vec![("TERM", "xterm-256color")],
        ] {
            let output = program(arguments).envs(environment.clone()).output().expect("it runs");
            let Run { out, err, .. } = finished(output);
            assert!(!(out + &err).contains('\u{1b}'), "{arguments:?} {environment:?}");
        }
    }
}
