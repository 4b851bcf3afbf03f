//! [`Colouring`]: which columns, rows or both share a seed.

use super::around::{acyclic, star};
use super::cut::{Cut, cost, cut};
use super::greedy::{self, Greedy, NONE};
use super::pattern::{Pattern, PatternError};
use crate::text::counted;
use std::fmt;

/// What is coloured, and so how an entry is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ColouringKind {
    /// Columns: those of one colour share no row. Each entry is read from a sweep forwards.
    Columns,
    /// Rows: those of one colour share no column. Each entry is read from a sweep backwards.
    Rows,
    /// Dense rows or columns have colours of their own, for an arrow: each entry is read from one of both sweeps.
    Both,
    /// Columns of a symmetric matrix, where each entry or its mirror image can be read directly: a *star colouring*.
    Star,
    /// Columns of a symmetric matrix, where an entry may be what is left of a sum of known ones: an *acyclic colouring*,
    /// with fewer colours and more rounding.
    Acyclic,
    /// Each row or each column by itself, because colours would not save a sweep.
    Dense,
}

/// From which seed an entry is read: the colour of its column or of its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Seed {
    /// A seed of inputs, swept forwards, of this colour.
    Column(usize),
    /// A seed of outputs, swept backwards, of this colour.
    Row(usize),
}

/// Colours of the columns and rows of a matrix: those of one colour share a seed.
///
/// Three orders are tried (natural, largest first, smallest last), and the one with the fewest colours is kept. A row or
/// column without a colour needs no seed.
///
/// Sources: Gebremedhin, Manne, Pothen, *What color is your Jacobian?*, SIAM Review 47 (2005); Gebremedhin, Tarafdar,
/// Manne, Pothen, *New acyclic and star coloring algorithms*, SIAM J. Sci. Comput. 29 (2007); Gebremedhin, Tarafdar,
/// Pothen, Walther, *Efficient computation of sparse Hessians*, INFORMS J. Computing 21 (2009).
///
/// ```
/// use gradtape::sparse::{Colouring, ColouringKind, Pattern};
/// // An arrow: full first row, full first column, diagonal.
/// let arrow = (0..99).flat_map(|i| [(0, i), (i, 0), (i, i)]);
/// let arrow = Pattern::from_entries(99, 99, arrow)?;
/// let colouring = Colouring::best(&arrow);
/// assert_eq!((colouring.kind(), colouring.count()), (ColouringKind::Both, 3));
/// assert_eq!(Colouring::of_columns(&arrow).count(), 99);
/// assert_eq!(Colouring::star(&arrow)?.count(), 2);
/// # Ok::<(), gradtape::sparse::PatternError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Colouring {
    kind: ColouringKind,
    columns: Greedy,
    rows: Greedy,
    /// Whether an entry whose row has a colour is read from it; else one whose column has a colour is.
    rows_first: bool,
}

impl Colouring {
    /// Colour the columns: those of one colour share no row.
    #[must_use]
    pub fn of_columns(pattern: &Pattern) -> Colouring {
        let columns = greedy::columns(pattern, &pattern.transposed(), &vec![true; pattern.rows()]);
        Colouring::one_sided(ColouringKind::Columns, columns, none(pattern.rows()))
    }

    /// Colour the rows: those of one colour share no column.
    #[must_use]
    pub fn of_rows(pattern: &Pattern) -> Colouring {
        Colouring::of_columns(&pattern.transposed()).transposed()
    }

    /// Colour the largest rows, and the columns for what is left; or the fullest columns, and the rows for what is
    /// left. If nothing is large it is a colouring of columns or rows alone.
    #[must_use]
    pub fn of_both(pattern: &Pattern) -> Colouring {
        let by_columns = pattern.transposed();
        let rows = Colouring::with_cut(pattern, &by_columns, &cut(pattern));
        let columns = Colouring::with_cut(&by_columns, pattern, &cut(&by_columns));
        match columns.cost() < rows.cost() {
            true => columns.transposed(),
            false => rows,
        }
    }

    /// Find the colouring of columns, rows or both with the fewest sweeps of eight seeds; of equals the one with the
    /// fewest seeds, and then the first.
    ///
    /// [`Dense`](ColouringKind::Dense) if that saves no sweep over one row, or one column, a seed.
    #[must_use]
    pub fn best(pattern: &Pattern) -> Colouring {
        let by_columns = pattern.transposed();
        let [row_cut, column_cut] = [cut(pattern), cut(&by_columns)];
        let largest = |p: &Pattern| (0..p.rows()).map(|row| p.row(row).len()).max().unwrap_or(0);
        let (of_columns, of_rows) = (cost(largest(pattern), 0), cost(0, largest(&by_columns)));
        // What it costs at least, so that what cannot win is not tried.
        let dense = cost(pattern.rows().min(pattern.columns()), 0).0;
        let mut best: Option<Colouring> = None;
        let mut attempt = |bound: (usize, usize), make: &dyn Fn() -> Colouring| {
            let wins = best.as_ref().is_none_or(|best| bound < best.cost());
            if wins && bound.0 < dense {
                let other = make();
                if best.as_ref().is_none_or(|best| other.cost() < best.cost()) {
                    best = Some(other);
                }
            }
        };
        attempt(of_columns, &|| Colouring::of_columns(pattern));
        attempt(of_rows, &|| Colouring::of_rows(pattern));
        if row_cut.bound < of_columns {
            attempt(row_cut.bound, &|| Colouring::with_cut(pattern, &by_columns, &row_cut));
        }
        if column_cut.bound < of_rows {
            attempt(column_cut.bound, &|| {
                Colouring::with_cut(&by_columns, pattern, &column_cut).transposed()
            });
        }
        best.filter(|best| best.cost().0 < dense).unwrap_or_else(|| Colouring::dense(pattern))
    }

    /// Give each row a colour of its own if there are no more rows than columns, else each column.
    #[must_use]
    pub fn dense(pattern: &Pattern) -> Colouring {
        let each = |count: usize| Greedy { colours: (0..count as u32).collect(), count };
        let (rows, columns) = (pattern.rows(), pattern.columns());
        match rows <= columns {
            true => Colouring::one_sided(ColouringKind::Dense, none(columns), each(rows)),
            false => Colouring::one_sided(ColouringKind::Dense, each(columns), none(rows)),
        }
    }

    /// Colour a symmetric pattern so that each entry or its mirror image can be read directly: neighbours differ, and
    /// each path of four vertices has three colours.
    ///
    /// # Errors
    /// If the pattern is not symmetric.
    pub fn star(pattern: &Pattern) -> Result<Colouring, PatternError> {
        symmetric(pattern)?;
        Ok(Colouring::one_sided(ColouringKind::Star, star(pattern), none(pattern.rows())))
    }

    /// Colour a symmetric pattern so that the entries can be found one after the other: neighbours differ, and each
    /// cycle has three colours. That usually takes fewer colours than a star colouring, but what is read is a sum, from
    /// which entries found before are subtracted.
    ///
    /// # Errors
    /// If the pattern is not symmetric.
    pub fn acyclic(pattern: &Pattern) -> Result<Colouring, PatternError> {
        symmetric(pattern)?;
        Ok(Colouring::one_sided(ColouringKind::Acyclic, acyclic(pattern), none(pattern.rows())))
    }

    /// What is coloured.
    #[must_use]
    pub fn kind(&self) -> ColouringKind {
        self.kind
    }

    /// Count the colours: the seeds of all sweeps.
    #[must_use]
    pub fn count(&self) -> usize {
        self.columns.count + self.rows.count
    }

    /// Count the colours of columns: the seeds that are swept forwards.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.columns.count
    }

    /// Count the colours of rows: the seeds that are swept backwards.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows.count
    }

    /// The colour of a column; `None` if it has none.
    ///
    /// # Panics
    /// If there is no such column.
    #[must_use]
    pub fn column(&self, column: usize) -> Option<usize> {
        some(self.columns.colours[column])
    }

    /// The colour of a row; `None` if it has none.
    ///
    /// # Panics
    /// If there is no such row.
    #[must_use]
    pub fn row(&self, row: usize) -> Option<usize> {
        some(self.rows.colours[row])
    }

    /// Tell from which seed the entry of a row and a column is read. In a symmetric colouring that may give a sum, of
    /// which the mirror image is free.
    ///
    /// # Panics
    /// If there is no such row or column.
    #[must_use]
    #[inline]
    pub fn seed(&self, row: usize, column: usize) -> Option<Seed> {
        let of_row = || self.row(row).map(Seed::Row);
        let of_column = || self.column(column).map(Seed::Column);
        if self.rows_first { of_row().or_else(of_column) } else { of_column().or_else(of_row) }
    }

    /// Tell whether an entry whose row and column both have a colour is read from that of the row.
    pub(crate) fn rows_first(&self) -> bool {
        self.rows_first
    }

    /// Count the sweeps that take eight seeds each.
    #[must_use]
    pub fn sweeps(&self) -> usize {
        self.cost().0
    }

    fn cost(&self) -> (usize, usize) {
        cost(self.columns.count, self.rows.count)
    }

    fn one_sided(kind: ColouringKind, columns: Greedy, rows: Greedy) -> Colouring {
        Colouring { kind, columns, rows, rows_first: true }
    }

    /// Colour the rows that are cut out, and the columns for those that are left.
    fn with_cut(pattern: &Pattern, by_columns: &Pattern, cut: &Cut) -> Colouring {
        let columns = greedy::columns(pattern, by_columns, &cut.left);
        // Seen from the rows: two of them meet in a column. Those that are left take no part.
        let out =
            (0..pattern.rows()).map(|row| if cut.left[row] { &[][..] } else { pattern.row(row) });
        let (mut starts, mut indices) = (vec![0], Vec::new());
        for row in out {
            indices.extend_from_slice(row);
            starts.push(indices.len());
        }
        let out = Pattern::of(pattern.columns(), starts, indices);
        let rows = greedy::columns(&out.transposed(), &out, &vec![true; pattern.columns()]);
        let kind = match (columns.count, rows.count) {
            (_, 0) => ColouringKind::Columns,
            (0, _) => ColouringKind::Rows,
            _ => ColouringKind::Both,
        };
        Colouring::one_sided(kind, columns, rows)
    }

    /// What this colouring of the transposed matrix is for the matrix itself.
    fn transposed(self) -> Colouring {
        let kind = match self.kind {
            ColouringKind::Columns => ColouringKind::Rows,
            ColouringKind::Rows => ColouringKind::Columns,
            kind => kind,
        };
        let Colouring { columns, rows, rows_first, .. } = self;
        Colouring { kind, columns: rows, rows: columns, rows_first: !rows_first }
    }
}

impl fmt::Display for Colouring {
    /// The colours of columns and rows, counted: "3 colours of columns", "each of 12 rows by itself".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (columns, rows) = (self.columns.count, self.rows.count);
        let of = |count, what| format!("{} of {what}", counted(count, "colour"));
        match self.kind {
            ColouringKind::Columns => write!(f, "{}", of(columns, "columns")),
            ColouringKind::Rows => write!(f, "{}", of(rows, "rows")),
            ColouringKind::Both => {
                write!(f, "{} and {}", of(columns, "columns"), of(rows, "rows"))
            }
            ColouringKind::Star => write!(f, "{} of a star colouring", counted(columns, "colour")),
            ColouringKind::Acyclic => {
                write!(f, "{} of an acyclic colouring", counted(columns, "colour"))
            }
            ColouringKind::Dense => match columns {
                0 => write!(f, "each of {} by itself", counted(rows, "row")),
                _ => write!(f, "each of {} by itself", counted(columns, "column")),
            },
        }
    }
}

fn none(count: usize) -> Greedy {
    Greedy { colours: vec![NONE; count], count: 0 }
}

#[inline]
fn some(colour: u32) -> Option<usize> {
    if colour == NONE { None } else { Some(colour as usize) }
}

/// Refuse a pattern that is not its own mirror image.
fn symmetric(pattern: &Pattern) -> Result<(), PatternError> {
    let shape = [pattern.rows(), pattern.columns()];
    if shape[0] != shape[1] {
        return Err(PatternError::NotSquare { shape });
    }
    for row in 0..pattern.rows() {
        let lacks_mirror = |&&column: &&usize| pattern.find(column, row).is_none();
        if let Some(&column) = pattern.row(row).iter().find(lacks_mirror) {
            return Err(PatternError::NotSymmetric { entry: [row, column], shape });
        }
    }
    Ok(())
}
