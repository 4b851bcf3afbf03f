//! [`LeastSquaresFit`]: what a fit by least squares found, and its report.

use crate::text::{digits, pad, width};
use std::fmt;

/// What a fit by least squares found. It prints itself as lmfit's `fit_report` does.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct LeastSquaresFit {
    /// The parameters, in the model's order, fixed ones among them.
    pub parameters: Vec<FittedParameter>,
    /// Observed minus predicted, each times the root of its weight.
    pub residuals: Vec<f64>,
    /// The covariance of all parameters, in their order, with zeros for those that are fixed; or why there is none.
    /// It is `(JᵀWJ)⁻¹`, times the reduced χ² unless the variances are [known](super::LeastSquares::known_variances).
    pub covariance: Result<Vec<Vec<f64>>, String>,
    /// χ², the sum of the squares of the residuals.
    pub chi_square: f64,
    /// χ² divided by the degrees of freedom; by 1 if there are none.
    pub reduced_chi_square: f64,
    /// R² = `1 - Σ (y - f)² / Σ (y - mean y)²`, without weights; none if all observations are equal.
    pub r_squared: Option<f64>,
    /// Akaike's information criterion, `n ln(χ²/n) + 2k`, for n rows and k fitted parameters.
    pub aic: f64,
    /// The Bayesian one, `n ln(χ²/n) + k ln n`.
    pub bic: f64,
    /// Rows minus fitted parameters.
    pub degrees_of_freedom: usize,
    /// How often the residuals were computed.
    pub evaluations: usize,
}

/// One parameter of a fit.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct FittedParameter {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: f64,
    /// Its standard error; none if it was fixed or [`LeastSquaresFit::covariance`] says why there is none.
    pub standard_error: Option<f64>,
    /// Where it started.
    pub start: f64,
    /// Whether it was held there.
    pub fixed: bool,
}

impl LeastSquaresFit {
    /// Read a parameter by its name.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&FittedParameter> {
        self.parameters.iter().find(|parameter| parameter.name == name)
    }

    /// Read the values of all parameters, in the model's order.
    #[must_use]
    pub fn values(&self) -> Vec<f64> {
        self.parameters.iter().map(|parameter| parameter.value).collect()
    }

    /// Read the correlation of two parameters; none if there is no such parameter, one is fixed, or there is no
    /// covariance.
    #[must_use]
    pub fn correlation(&self, a: &str, b: &str) -> Option<f64> {
        let place = |name: &str| self.parameters.iter().position(|known| known.name == name);
        self.correlation_of(place(a)?, place(b)?)
    }

    fn correlation_of(&self, i: usize, j: usize) -> Option<f64> {
        let covariance = self.covariance.as_ref().ok()?;
        let errors = [i, j].map(|i| self.parameters[i].standard_error);
        let [Some(a), Some(b)] = errors else { return None };
        let correlation = covariance[i][j] / a / b;
        correlation.is_finite().then_some(correlation)
    }

    /// The correlations that are worth a line, the largest first.
    fn correlations(&self) -> Vec<(String, f64)> {
        let all = self.parameters.len();
        let pairs = (0..all).flat_map(|i| (i + 1..all).map(move |j| (i, j)));
        let mut found: Vec<(String, f64)> = pairs
            .filter_map(|(i, j)| {
                let names = [i, j].map(|i| self.parameters[i].name.as_str());
                Some((format!("C({})", names.join(", ")), self.correlation_of(i, j)?))
            })
            .filter(|(_, correlation)| correlation.abs() > 0.1)
            .collect();
        found.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
        found
    }
}

/// The report, as lmfit 1.3 lays it out: statistics, variables, and correlations of at least 0.1.
impl fmt::Display for LeastSquaresFit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fitted = self.parameters.iter().filter(|parameter| !parameter.fixed).count();
        writeln!(f, "[[Fit Statistics]]")?;
        writeln!(f, "    # fitting method   = Levenberg-Marquardt")?;
        writeln!(f, "    # function evals   = {}", self.evaluations)?;
        writeln!(f, "    # data points      = {}", self.residuals.len())?;
        writeln!(f, "    # variables        = {fitted}")?;
        writeln!(f, "    chi-square         = {}", fixed_width(self.chi_square).trim())?;
        writeln!(f, "    reduced chi-square = {}", fixed_width(self.reduced_chi_square).trim())?;
        writeln!(f, "    Akaike info crit   = {}", fixed_width(self.aic).trim())?;
        writeln!(f, "    Bayesian info crit = {}", fixed_width(self.bic).trim())?;
        if let Some(r_squared) = self.r_squared {
            writeln!(f, "    R-squared          = {}", fixed_width(r_squared).trim())?;
        }
        if let Err(why) = &self.covariance {
            writeln!(f, "##  Warning: uncertainties could not be estimated:")?;
            writeln!(f, "    {why}")?;
        }
        write!(f, "[[Variables]]")?;
        let names = self.parameters.iter().map(|parameter| width(&parameter.name));
        let widest = names.max().unwrap_or(0) + 1;
        for FittedParameter { name, value, standard_error, start, fixed } in &self.parameters {
            write!(f, "\n    {} ", pad(&format!("{name}:"), widest, false))?;
            let start = digits(*start, 7);
            match standard_error {
                _ if *fixed => write!(f, "{start} (fixed)")?,
                None => write!(f, "{} (init = {start})", fixed_width(*value))?,
                Some(error) => {
                    write!(f, "{} +/-{} ", fixed_width(*value), fixed_width(*error))?;
                    if *value != 0.0 {
                        write!(f, "({:.2}%) ", (error / value).abs() * 100.0)?;
                    }
                    write!(f, "(init = {start})")?;
                }
            }
        }
        let correlations = self.correlations();
        if !correlations.is_empty() {
            write!(f, "\n[[Correlations]] (unreported correlations are < 0.100)")?;
        }
        let widest = correlations.iter().map(|(pair, _)| width(pair)).max().unwrap_or(0);
        for (pair, correlation) in &correlations {
            write!(f, "\n    {} = {correlation:+.4}", pad(pair, widest, false))?;
        }
        Ok(())
    }
}

/// A number in eleven places, as many digits as fit: `lmfit.printfuncs.gformat`.
fn fixed_width(x: f64) -> String {
    let exponent = if x == 0.0 { 0.0 } else { x.abs().log10().trunc() };
    if !exponent.is_finite() {
        return format!("{x:>11}");
    }
    let exponent = exponent as i32;
    let plain = if exponent > 0 { exponent < 8 } else { -exponent < 3 };
    if plain {
        return format!("{x:11.*}", (8 - exponent.max(0)) as usize);
    }
    let precision = if exponent.abs() > 99 { 3 } else { 4 };
    let text = format!("{x:.precision$e}");
    let (mantissa, power) = text.split_once('e').unwrap_or((&text, "0"));
    let power: i32 = power.parse().unwrap_or(0);
    let sign = if power < 0 { '-' } else { '+' };
    format!("{:>11}", format!("{mantissa}e{sign}{:02}", power.abs()))
}

#[cfg(test)]
mod tests {
    use super::fixed_width;

    #[test]
    fn numbers_are_written_as_lmfit_writes_them() {
        // Printed by lmfit 1.3.4: `gformat(x)`.
        for (x, written) in [
            (0.0, " 0.00000000"),
            (1.0, " 1.00000000"),
            (-62.109319, "-62.1093190"),
            (238.942131, " 238.942131"),
            (5.5016e-4, " 5.5016e-04"),
            (-0.012345678, "-0.01234568"),
            (0.0012345678, " 0.00123457"),
            (12345678.9, " 12345678.9"),
            (123456789.0, " 1.2346e+08"),
            (2.4388e-8, " 2.4388e-08"),
            (1e-120, " 1.000e-120"),
            (-1.5e300, "-1.500e+300"),
        ] {
            assert_eq!(fixed_width(x), written, "{x:e}");
        }
    }
}
