//! One line for each figure.

pub(crate) const HEAD: &str = "backend      measure                                       store        bare  ratio (of each turn: least, most)";

/// Prints figures of one backend.
pub(crate) struct Say(pub(crate) &'static str);

impl Say {
    pub(crate) fn one(&self, what: &str, figure: f64, unit: &str) {
        self.turns(what, &[(figure, None)], unit);
    }

    /// The medians of what the store and the bare loop gave in their turns, and of their ratios.
    pub(crate) fn turns(&self, what: &str, turns: &[(f64, Option<f64>)], unit: &str) {
        let ours = median(turns.iter().map(|turn| turn.0));
        let bare: Vec<_> = turns.iter().filter_map(|(ours, theirs)| Some((ours, (*theirs)?))).collect();
        let name = self.0;
        if bare.is_empty() {
            println!("{name:12} {what:42} {ours:>9.0}           - {unit}");
            return;
        }
        let ratios: Vec<_> = bare.iter().map(|(ours, theirs)| *ours / theirs).collect();
        let theirs = median(bare.iter().map(|turn| turn.1));
        let ratio = median(ratios.iter().copied());
        let least = ratios.iter().copied().fold(f64::INFINITY, f64::min);
        let most = ratios.iter().copied().fold(0.0, f64::max);
        print!("{name:12} {what:42} {ours:>9.0} {theirs:>11.0}  {ratio:.2}");
        if ratios.len() > 1 {
            print!(" ({least:.2}, {most:.2})");
        }
        println!(" {unit}");
    }
}

fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut figures: Vec<_> = figures.collect();
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
