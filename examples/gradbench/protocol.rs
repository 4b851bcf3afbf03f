//! The protocol: a line of JSON in, a line of JSON out. Nothing in a line ends the process.

use super::MODULES;
use super::input::Input;
use super::modes::Mode;
use super::task::{Module, Timing};
use serde_json::{Value, json};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Answer one line.
pub fn answer(line: &[u8], mode: Option<Mode>) -> String {
    let message: Value = match serde_json::from_slice(line) {
        Ok(message @ Value::Object(_)) => message,
        Ok(other) => {
            let found = kind_of(&other);
            return refuse(
                &Value::Null,
                &format!("the line is {found}: send one JSON object a line"),
            );
        }
        Err(error) => {
            return refuse(
                &Value::Null,
                &format!("the line is not JSON ({error}): send one JSON object a line"),
            );
        }
    };
    let Some(id) = message.get("id") else {
        return refuse(
            &Value::Null,
            "the message has no `id`: give it one, for its answer to carry",
        );
    };
    let answered = match message.get("kind").and_then(Value::as_str) {
        Some("start") => Ok(started(id, mode)),
        Some("define") => module(&message).map(|_| json!({"id": id, "success": true}).to_string()),
        Some("evaluate") => evaluated(id, &message, mode),
        Some(_) => Ok(json!({"id": id}).to_string()),
        None => Err("the message has no `kind`: give it one, such as \"evaluate\"".to_string()),
    };
    answered.unwrap_or_else(|error| refuse(id, &error))
}

/// The first answer; a mode that was chosen is part of the configuration.
fn started(id: &Value, mode: Option<Mode>) -> String {
    let mut answer = json!({"id": id, "tool": "gradtape"});
    if let Some(mode) = mode {
        answer["config"] = json!({"mode": mode.name()});
    }
    answer.to_string()
}

fn refuse(id: &Value, error: &str) -> String {
    json!({"id": id, "success": false, "error": error}).to_string()
}

/// What a JSON value is, in words.
pub fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// Find a field that is a text.
fn text<'a>(message: &'a Value, field: &str) -> Result<&'a str, String> {
    let value = message.get(field).ok_or(format!("the message has no `{field}`: name one"))?;
    let found = kind_of(value);
    value.as_str().ok_or(format!("`{field}` is {found}: give it as a text"))
}

/// Find the module that a message names.
fn module(message: &Value) -> Result<&'static Module, String> {
    let name = text(message, "module")?;
    MODULES.into_iter().find(|module| module.name == name).ok_or_else(|| {
        let known = MODULES.map(|module| module.name).join(", ");
        format!("there is no module {name:?}: ask for one of {known}")
    })
}

/// Run a function of a module. A panic is an answer too: the next line may be better.
fn evaluated(id: &Value, message: &Value, mode: Option<Mode>) -> Result<String, String> {
    let module = module(message)?;
    let name = text(message, "function")?;
    let known = || module.functions.iter().map(|(name, ..)| *name).collect::<Vec<_>>().join(", ");
    let (_, best, function) =
        module.functions.iter().find(|(known, ..)| *known == name).ok_or_else(|| {
            format!("module {} has no function {name:?}: ask for one of {}", module.name, known())
        })?;
    let input =
        message.get("input").ok_or("the message has no `input`: give the function its numbers")?;
    let input = Input::new(input);
    let run = || {
        let task = function(&input)?;
        task.run(&input, mode.unwrap_or(*best))
    };
    let caught = catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("without a message");
        Err(format!(
            "it came to a panic, which is a fault of the tool: please report this line. {text}"
        ))
    });
    let (output, timings) = caught.map_err(|error| format!("{}::{name}: {error}", module.name))?;
    Ok(format!(
        r#"{{"id":{id},"success":true,"output":{output},"timings":[{}]}}"#,
        listed(&timings)
    ))
}

/// Timings as JSON. A short function has millions: they are written as text at once.
fn listed(timings: &[Timing]) -> String {
    let mut text = String::new();
    for (name, time) in timings {
        let comma = if text.is_empty() { "" } else { "," };
        text += &format!(r#"{comma}{{"name":"{name}","nanoseconds":{}}}"#, time.as_nanos());
    }
    text
}
