//! Losses drawn as curves.

use crate::failure::Failure;
use crate::files;
use plotters::coord::ranged1d::Ranged;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;
use std::path::Path;

const COLOURS: [RGBColor; 2] = [RGBColor(0, 114, 178), RGBColor(213, 94, 0)];

/// Draw curves over 1, 2, 3, ... with a logarithmic axis if all are above 0, and write them as SVG.
pub fn write(path: &Path, over: &str, curves: &[(&str, Vec<f64>)]) -> Result<(), Failure> {
    let svg = draw(over, curves)
        .map_err(|error| Failure::in_file(path, format!("cannot be drawn: {error}")))?;
    files::write(Some(path), &svg)
}

fn draw(over: &str, curves: &[(&str, Vec<f64>)]) -> Result<String, Box<dyn std::error::Error>> {
    let all = || curves.iter().flat_map(|(_, curve)| curve.iter().copied());
    let (low, high) =
        all().fold((f64::INFINITY, 0.0), |(low, high), y| (f64::min(low, y), f64::max(high, y)));
    let last = curves.iter().map(|(_, curve)| curve.len()).max().unwrap_or(1).max(2) as f64;
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, (800, 480)).into_drawing_area();
        area.fill(&WHITE)?;
        let mut chart = ChartBuilder::on(&area);
        chart.margin(16).x_label_area_size(40).y_label_area_size(72);
        // Of losses that are 0 at the end there is no logarithm.
        if low > 0.0 && high / low > 10.0 {
            let mut chart =
                chart.build_cartesian_2d(1.0..last, (low / 1.5..high * 1.5).log_scale())?;
            chart.configure_mesh().x_desc(over).y_desc("loss").draw()?;
            lines(&mut chart, curves)?;
        } else {
            let top = if high > 0.0 { high * 1.05 } else { 1.0 };
            let mut chart = chart.build_cartesian_2d(1.0..last, low.min(0.0)..top)?;
            chart.configure_mesh().x_desc(over).y_desc("loss").draw()?;
            lines(&mut chart, curves)?;
        }
        area.present()?;
    }
    Ok(svg)
}

fn lines<'a, DB, Y>(
    chart: &mut ChartContext<'a, DB, Cartesian2d<RangedCoordf64, Y>>,
    curves: &[(&str, Vec<f64>)],
) -> Result<(), DrawingAreaErrorKind<DB::ErrorType>>
where
    DB: DrawingBackend + 'a,
    Y: Ranged<ValueType = f64>,
{
    for ((name, curve), colour) in curves.iter().zip(COLOURS) {
        let points = (1..).zip(curve).map(|(i, &y)| (f64::from(i), y));
        chart
            .draw_series(LineSeries::new(points, colour.stroke_width(2)))?
            .label(*name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], colour));
    }
    chart.configure_series_labels().background_style(WHITE).border_style(BLACK).draw()
}
