//! Races: what is measured is a ratio, in one run.
//!
//! A machine that is shared, or that changes its clock, takes twice as long now and
//! then. So each contender is run in turns with the reference, thousands a second
//! where they are short. Of a sample's turns the medians count, so that it does not
//! matter who else had the processor in some; of the samples, the median of their
//! ratios. Criterion asks for the samples.

use std::fs::OpenOptions;
use std::hint::black_box;
use std::io::Write;
use std::time::{Duration, Instant};

use criterion::{Criterion, SamplingMode};

pub mod ground;

/// Where a race's rows go, if it is not run by hand.
pub const RESULTS: &str = "BAREMAP_RATIOS";

/// Does something so many times.
pub type Body<'a> = Box<dyn FnMut(u64) + 'a>;

/// A body that has one thing done over and over.
pub fn again<'a, R>(mut what: impl FnMut() -> R + 'a) -> Body<'a> {
    Box::new(move |times| {
        for _ in 0..times {
            black_box(what());
        }
    })
}

/// A contender's result.
#[derive(Clone, Debug)]
pub struct Row {
    pub group: String,
    pub case: String,
    pub name: String,
    pub reference: String,
    /// Nanoseconds for each time, and the reference's.
    pub time: f64,
    pub reference_time: f64,
    /// The median of the ratios, and the quartiles.
    pub ratio: f64,
    pub low: f64,
    pub high: f64,
}

impl Row {
    fn of(names: [&str; 4], samples: &[[f64; 2]]) -> Self {
        let [group, case, name, reference] = names.map(str::to_owned);
        let ratios: Vec<f64> = samples.iter().map(|[time, against]| time / against).collect();
        Self {
            group,
            case,
            name,
            reference,
            time: quantile(samples.iter().map(|sample| sample[0]).collect(), 0.5),
            reference_time: quantile(samples.iter().map(|sample| sample[1]).collect(), 0.5),
            ratio: quantile(ratios.clone(), 0.5),
            low: quantile(ratios.clone(), 0.25),
            high: quantile(ratios, 0.75),
        }
    }

    /// On one line.
    #[must_use]
    pub fn line(&self) -> String {
        let Self { group, case, name, reference, time, reference_time, ratio, low, high } = self;
        format!("{group}\t{case}\t{name}\t{reference}\t{time}\t{reference_time}\t{ratio}\t{low}\t{high}\n")
    }

    /// From one line.
    #[must_use]
    pub fn parse(line: &str) -> Option<Self> {
        let mut words = line.split('\t');
        let mut text = || words.next().map(str::to_owned);
        let (group, case, name, reference) = (text()?, text()?, text()?, text()?);
        let mut number = || words.next()?.trim().parse().ok();
        let (time, reference_time) = (number()?, number()?);
        let (ratio, low, high) = (number()?, number()?, number()?);
        Some(Self { group, case, name, reference, time, reference_time, ratio, low, high })
    }
}

/// Runs each contender in turns with the reference.
pub fn race(
    criterion: &mut Criterion,
    [group, case]: [&str; 2],
    (reference, mut pace): (&str, Body<'_>),
    contenders: Vec<(&str, Body<'_>)>,
) {
    let mut heats = criterion.benchmark_group(format!("{group}/{case}"));
    heats.sampling_mode(SamplingMode::Flat);
    for (name, mut body) in contenders {
        let mut samples: Vec<(u64, [f64; 2])> = Vec::new();
        heats.bench_function(name, |bencher| {
            bencher.iter_custom(|times| {
                let spent = in_turns(times, &mut [&mut body, &mut pace]);
                samples.push((times, spent));
                Duration::from_nanos((spent[0] * times as f64) as u64)
            });
        });
        // All samples are of one size; those before them were to warm up.
        let Some(&(size, _)) = samples.last() else { continue };
        let samples: Vec<_> =
            samples.iter().filter(|sample| sample.0 == size).map(|sample| sample.1).collect();
        if samples.len() < 5 {
            continue; // A trial, or one that was not asked for.
        }
        let row = Row::of([group, case, name, reference], &samples);
        println!("{group}/{case}: {name} is {:.3} of {reference}\n", row.ratio);
        if let Some(file) = std::env::var_os(RESULTS) {
            let mut file =
                OpenOptions::new().append(true).create(true).open(file).expect("the results' file");
            file.write_all(row.line().as_bytes()).expect("the results can be written");
        }
    }
    heats.finish();
}

/// Runs both so many times, a part of them at a time; the medians of the nanoseconds
/// that one time took.
fn in_turns(times: u64, bodies: &mut [&mut Body<'_>; 2]) -> [f64; 2] {
    let turns = times.clamp(1, 64);
    let mut spent = [Vec::new(), Vec::new()];
    for turn in 0..turns {
        let share = times * (turn + 1) / turns - times * turn / turns;
        for place in 0..2 {
            // Who begins takes turns, too.
            let which = (place + turn as usize) % 2;
            let start = Instant::now();
            bodies[which](share);
            spent[which].push(start.elapsed().as_nanos() as f64 / share as f64);
        }
    }
    spent.map(|turns| quantile(turns, 0.5))
}

/// The value at this place, from 0 to 1, of the sorted ones.
fn quantile(mut values: Vec<f64>, place: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    values[((values.len() - 1) as f64 * place).round() as usize]
}
