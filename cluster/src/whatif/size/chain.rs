//! One search of several: a chain of small changes of a mix, each of which is taken where it costs less, and now and then where it costs a little
//! more.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::nodes::Nodes;
use super::replay::Limit;
use super::search::{Mix, Search};
use crate::error::Error;

/// Moves that are looked at before one is taken as it is.
const LOOKS: usize = 200;
/// What a pod without a node counts, in what it is worth where it is packed: nodes are never filled wholly.
const PENALTY: f64 = 1.4;
/// How much dearer a mix may be taken at first, in parts of the price; and at last.
const WARM: (f64, f64) = (0.01, 0.0005);
/// A mix that is so close to the bound is not searched any further.
const CLOSE: f64 = 0.002;

/// One search of many.
pub(super) struct Chain<'s, 'l> {
    pub(super) search: &'s Search<'l>,
    pub(super) pool: &'s [usize],
    pub(super) best: Mix,
    /// The nodes of the mix that the chain is at.
    pub(super) nodes: Nodes,
    /// A stream of numbers, the same each time.
    pub(super) state: u64,
}

impl Chain<'_, '_> {
    /// So many steps from a mix, or until somebody says stop; `best` is then the cheapest that was enough.
    pub(super) fn go(&mut self, start: Mix, steps: usize, made: &AtomicUsize, stop: &AtomicBool) -> Result<(), Error> {
        let search = self.search;
        let mut now = start;
        self.nodes.become_mix(search.load, &now)?;
        let mut cost = self.cost(&now, &self.nodes.clone(), f64::INFINITY)?.unwrap_or(f64::INFINITY);
        let mut step = 0;
        while step < steps && !stop.load(Ordering::Relaxed) {
            if search.price(&self.best) <= search.bound.price * (1.0 + CLOSE) {
                return Ok(());
            }
            let passed = step as f64 / steps as f64;
            let warmth = WARM.0 * (WARM.1 / WARM.0).powf(passed) * search.bound.price;
            // What is taken costs at most so much: so a replay can end early.
            let luck = ((self.draw(1 << 30) + 1) as f64 / (1_u64 << 30) as f64).ln();
            let most = cost - warmth * luck;
            let next = self.change(&now, most);
            step += 1;
            made.fetch_add(1, Ordering::Relaxed);
            let Some(next) = next else { continue };
            let mut nodes = self.nodes.clone();
            nodes.become_mix(search.load, &next)?;
            if let Some(costs) = self.cost(&next, &nodes, most)? {
                (now, cost, self.nodes) = (next, costs, nodes);
                self.nodes.renew(search.load, &now)?;
            }
        }
        Ok(())
    }

    /// What a mix costs, with the pods that find no node; nothing where it is more than `most`. One that is enough is noted.
    fn cost(&mut self, mix: &Mix, nodes: &Nodes, most: f64) -> Result<Option<f64>, Error> {
        let search = self.search;
        let price = search.price(mix);
        let limit = Limit { worth: &search.worth, most: (most - price) / PENALTY };
        if limit.most < 0.0 {
            return Ok(None);
        }
        match search.load.play_quickly(nodes, limit, search.survive)? {
            None => {
                if price < search.price(&self.best) - 1e-9 {
                    if search.enough(mix)?.is_none() {
                        // With another order of equal nodes a pod finds none.
                        let least = search.worth.iter().copied().fold(f64::INFINITY, f64::min);
                        return Ok(Some(price + PENALTY * least).filter(|cost| *cost <= most));
                    }
                    self.best.clone_from(mix);
                }
                Ok(Some(price))
            }
            Some(short) if short.worth > limit.most => Ok(None),
            Some(short) => Ok(Some(price + PENALTY * short.worth)),
        }
    }

    /// A mix that differs by a few nodes, and costs at most so much.
    fn change(&mut self, mix: &Mix, most: f64) -> Option<Mix> {
        let search = self.search;
        let nodes: Vec<usize> =
            mix.iter().enumerate().flat_map(|(at, count)| std::iter::repeat_n(at, *count as usize)).collect();
        for _ in 0..LOOKS {
            let mut next = mix.clone();
            if !nodes.is_empty() && self.draw(5) < 3 {
                self.turn(&mut next, &nodes);
            } else {
                self.swap(&mut next, &nodes);
            }
            let price = search.price(&next);
            let is_whole = !search.each_zone || search.has_all_zones(&next);
            if next != *mix && is_whole && price <= most && price >= search.bound.price * 0.97 {
                return Some(next);
            }
        }
        None
    }

    /// Turns some nodes of a model into as many of another one as are worth the same.
    fn turn(&mut self, mix: &mut Mix, nodes: &[usize]) {
        let search = self.search;
        let from = nodes[self.draw(nodes.len())];
        let to = self.drawn(nodes);
        if search.load.models[from].zone != search.load.models[to].zone && self.draw(4) > 0 {
            return;
        }
        let many = 1 + self.draw(mix[from] as usize) as u32;
        let worth = |at: usize| search.bound.worth[at].max(search.load.models[at].price * 0.2);
        let come = (f64::from(many) * worth(from) / worth(to)).floor() as u32 + self.draw(2) as u32;
        mix[from] -= many;
        mix[to] += come;
    }

    /// Takes up to two nodes away, and up to two others in.
    fn swap(&mut self, mix: &mut Mix, nodes: &[usize]) {
        let models = &self.search.load.models;
        let (out, into) = match self.draw(10) {
            0 => (1, 0),
            1 => (0, 1),
            2 => (2, 1),
            3 => (1, 2),
            4 => (2, 2),
            _ => (1, 1),
        };
        let mut zone = None;
        for _ in 0..out.min(nodes.len()) {
            let at = nodes[self.draw(nodes.len())];
            zone = Some(models[at].zone);
            mix[at] = mix[at].saturating_sub(1);
        }
        for _ in 0..into {
            let at = self.drawn(nodes);
            // Mostly in the same zone: its pods need room there.
            if zone.is_none_or(|zone| models[at].zone == zone) || self.draw(4) == 0 {
                mix[at] += 1;
            }
        }
    }

    /// A model; as often one that is there already: few shapes fill evenly.
    fn drawn(&mut self, nodes: &[usize]) -> usize {
        match self.draw(2) {
            0 if !nodes.is_empty() => nodes[self.draw(nodes.len())],
            _ => self.pool[self.draw(self.pool.len())],
        }
    }

    /// A number below `below`.
    fn draw(&mut self, below: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state >> 11) as usize % below.max(1)
    }
}
