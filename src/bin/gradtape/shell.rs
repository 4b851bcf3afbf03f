//! What is made of the definition of the arguments: help, errors, completions, the man page.

use crate::expression::suggestion;
use crate::failure::{Failure, Outcome, seen};
use crate::output::{not_printed, print};
use clap::error::ErrorKind;
use clap::{Args, Command, CommandFactory};
use clap_complete::Shell;

#[derive(Args)]
#[command(
    after_help = "Example: gradtape completions bash > ~/.local/share/bash-completion/completions/gradtape"
)]
pub struct Completions {
    shell: Shell,
}

#[derive(Args)]
#[command(after_help = "Example: gradtape man grad | man -l -")]
pub struct Man {
    /// The page of this command
    command: Option<String>,
}

/// Print the help that was asked for, or say what is wrong with the arguments.
pub fn explained(error: &clap::Error) -> Result<Outcome, Failure> {
    match error.use_stderr() {
        false => error.print().map_err(not_printed).map(|()| Outcome::Fine),
        true => {
            let text = error.render().to_string();
            if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
                return Err(Failure::Help(text));
            }
            let text = text.strip_prefix("error: ").unwrap_or(&text);
            Failure::misuse(text.trim_end())
        }
    }
}

pub fn completions<C: CommandFactory>(options: &Completions) -> Result<Outcome, Failure> {
    let mut text = Vec::new();
    clap_complete::generate(options.shell, &mut C::command(), "gradtape", &mut text);
    print(&String::from_utf8_lossy(&text))?;
    Ok(Outcome::Fine)
}

pub fn man<C: CommandFactory>(options: &Man) -> Result<Outcome, Failure> {
    let mut definition = C::command();
    // Names the commands `gradtape grad` and so on.
    definition.build();
    if let Some(name) = &options.command {
        let names: Vec<&str> = definition.get_subcommands().map(Command::get_name).collect();
        let Some(command) = definition.find_subcommand(name) else {
            let advice = suggestion(name, names);
            return Failure::misuse(format!("there is no command `{}`{advice}", seen(name)));
        };
        definition = command.clone();
    }
    let mut page = Vec::new();
    let written = clap_mangen::Man::new(definition).render(&mut page);
    written.map_err(|error| Failure::Misuse(format!("the man page cannot be made: {error}")))?;
    print(&String::from_utf8_lossy(&page))?;
    Ok(Outcome::Fine)
}
