//! The fewest plain steps with which a loop can be reversed, in closed form.
//!
//! ```text
//! reach(c, r) = (c + r)! / (c! r!)          the longest loop that c slots reverse with no step run more than r times
//! cost(l, c)  = r l - reach(c + 1, r - 1)   where r is the least with l ≤ reach(c, r)
//! ```
//!
//! (Griewank & Walther, Algorithm 799, ACM Trans. Math. Softw. 26, 2000: their β and t.) The steps that are recorded to be
//! reversed are not counted: there is one of each. The state that the loop starts from takes one of the slots.

/// The longest loop that `slots` reverse with no plain step run more than `repeats` times; at most `u64::MAX`.
pub(super) fn reach(slots: u64, repeats: u64) -> u64 {
    let (few, many) = (slots.min(repeats), slots.max(repeats));
    let mut reach: u64 = 1;
    for i in 1..=few {
        let next = u128::from(reach) * (u128::from(many) + u128::from(i));
        // Most often it fits, and 64 bits are divided faster.
        let next = match u64::try_from(next) {
            Ok(next) => Ok(next / i),
            Err(_) => u64::try_from(next / u128::from(i)),
        };
        match next {
            Ok(next) => reach = next,
            Err(_) => return u64::MAX,
        }
    }
    reach
}

/// So many repeats are tried one by one.
const FEW: u64 = 16;

/// The least number of times that some plain step of so many is run, with so many slots.
fn repeats(steps: u64, slots: u64) -> u64 {
    if slots == 1 {
        return steps.saturating_sub(1);
    }
    // Most often it is small, and a factor leads from each reach to the next.
    let mut longest = 1;
    for r in 0..FEW {
        if longest >= u128::from(steps) {
            return r;
        }
        longest = longest * (u128::from(slots) + u128::from(r) + 1) / u128::from(r + 1);
    }
    // By bisection: with two slots it is about the root of twice the steps.
    let mut most = FEW;
    while reach(slots, most) < steps {
        most *= 2;
    }
    let mut least = most / 2;
    while least + 1 < most {
        let middle = least + (most - least) / 2;
        if reach(slots, middle) < steps { least = middle } else { most = middle }
    }
    most
}

/// The fewest plain steps with which a loop of `steps` is reversed, with `slots` for states; at most `u64::MAX`.
pub(super) fn cost(steps: u64, slots: u64) -> u64 {
    let r = repeats(steps, slots);
    if r == 0 {
        return 0;
    }
    let cost =
        u128::from(r) * u128::from(steps) - u128::from(reach(slots.saturating_add(1), r - 1));
    u64::try_from(cost).unwrap_or(u64::MAX)
}

/// Where the next state is to be stored, counted from the state at hand, which is stored: so that both parts cost least.
///
/// With `r` repeats for all steps the part before is best done with `r - 1` and the part behind, which has a slot less, with
/// `r`. Every place that allows both is optimal, by Pascal's rule; this is the last of them.
pub(super) fn split(steps: u64, slots: u64) -> u64 {
    let r = repeats(steps, slots);
    if r == 0 {
        return 0;
    }
    reach(slots, r - 1).min(steps - reach(slots - 1, r - 1))
}
