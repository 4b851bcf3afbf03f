//! `gradtape train`: the dosage network, or a network on a file of one's own.

use crate::failure::{Failure, Outcome};
use crate::reading::Reading;
use crate::{descent, learn, ranks};
use clap::Args;
use std::path::PathBuf;

/// The help: a list with a line for each of so many options would not fit a screen.
const HELP: &str = "\
Train a network on a CSV file; without --target the dosage network

Usage: gradtape train [--data FILE.csv --target COLUMN] [OPTIONS]
Example: gradtape train --data iris.csv --target species --net 16,tanh

What   --data FILE.csv  --target COLUMN  --inputs a,b (all others)
       --delimiter ';'  --decimal-comma  --no-header  --drop-missing
       --split 0.8,0.2,0 train, validate, test       --no-standardize
Net    --net 32,tanh,16,relu  --loss mse|mae|huber|cross_entropy|
       binary_cross_entropy   --seed 1
How    --optimizer adam|adamw|sgd|rmsprop|lion  --lr 0.01  --batch 32
       --schedule constant|linear|cosine|one-cycle|warm-restarts|plateau
       --epochs 200  --patience N  --weight-decay X  --clip NORM
       --clip-value X
Files  -o, --model model.json    --checkpoint model.checkpoint.json
       --every 5 seconds         --resume what was stopped
       --report PAGE.html  --plot LOSS.svg  --json  -q, --quiet
Dosage --recipe A|B|C  --data DOSES.csv  --rate 0.03  --steps 6000
       A: b3 alone, B: w3, w4, b3, C: all seven parameters (default)
Exit code: 0 trained or stopped by Ctrl-C, 2 misuse";

#[derive(Args)]
#[command(override_help = HELP, allow_negative_numbers = true)]
pub struct Train {
    /// The rows to train on
    #[arg(long, value_name = "FILE.csv")]
    pub data: Option<PathBuf>,
    #[command(flatten)]
    pub reading: Reading,
    #[command(flatten)]
    pub recipe: learn::Settings,
    /// Where the model goes
    #[arg(short = 'o', long, value_name = "FILE.json", default_value = "model.json")]
    pub model: PathBuf,
    /// Where the training goes, to be resumed; beside the model if not given
    #[arg(long, value_name = "FILE.json")]
    pub checkpoint: Option<PathBuf>,
    /// Write model and checkpoint every so many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 5.0)]
    pub every: f64,
    /// Go on where the checkpoint was written
    #[arg(long)]
    pub resume: bool,
    /// Write a page that shows what was trained
    #[arg(long, value_name = "FILE.html")]
    pub report: Option<PathBuf>,
    /// Draw the losses
    #[arg(long, value_name = "FILE.svg")]
    pub plot: Option<PathBuf>,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
    /// Print nothing but the result
    #[arg(short, long)]
    pub quiet: bool,
    #[command(flatten)]
    pub dosage: descent::Settings,
}

pub fn run(options: &Train) -> Result<Outcome, Failure> {
    match options.recipe.target.is_some() || options.resume {
        true => learn::run(options),
        false => {
            ranks::alone("the dosage network")?;
            descent::run(options)
        }
    }
}
