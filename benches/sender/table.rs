//! A section's figures for people: a table whose rows may have an aim.

use std::fmt;

pub struct Table {
    /// What is measured. Should be no wider than the table.
    pub about: String,
    pub columns: Vec<&'static str>,
    pub rows: Vec<Row>,
}

pub struct Row {
    pub label: String,
    /// One for each column, empty if there is nothing to say.
    pub cells: Vec<String>,
    pub aim: Option<Aim>,
}

pub struct Aim {
    text: String,
    is_met: bool,
}

impl Row {
    pub fn new(label: impl Into<String>, cells: impl IntoIterator<Item = String>) -> Self {
        Self { label: label.into(), cells: cells.into_iter().collect(), aim: None }
    }

    pub fn aiming(self, aim: Aim) -> Self {
        Self { aim: Some(aim), ..self }
    }
}

impl Aim {
    pub fn new(text: impl Into<String>, is_met: bool) -> Self {
        Self { text: text.into(), is_met }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let has_aims = self.rows.iter().any(|row| row.aim.is_some());
        let label = self.rows.iter().map(|row| width(&row.label)).max().unwrap_or(0);
        let columns: Vec<_> = (0..self.columns.len()).map(|column| self.column_width(column)).collect();
        writeln!(f, "{}\n", self.about)?;
        write!(f, "{:label$}", "")?;
        for (name, width) in self.columns.iter().zip(&columns) {
            write!(f, "  {name:>width$}")?;
        }
        writeln!(f, "{}", if has_aims { "   aim" } else { "" })?;
        for row in &self.rows {
            write!(f, "{:label$}", row.label)?;
            for (cell, width) in row.cells.iter().zip(&columns) {
                write!(f, "  {cell:>width$}")?;
            }
            match &row.aim {
                Some(Aim { text, is_met: true }) => writeln!(f, "   {text}")?,
                Some(Aim { text, is_met: false }) => writeln!(f, "   {text}   ✗ MISSED")?,
                None => writeln!(f)?,
            }
        }
        Ok(())
    }
}

impl Table {
    fn column_width(&self, column: usize) -> usize {
        let cells = self.rows.iter().filter_map(|row| row.cells.get(column)).map(|cell| width(cell));
        cells.max().unwrap_or(0).max(width(self.columns[column]))
    }
}

fn width(text: &str) -> usize {
    text.chars().count()
}
