fn main() {
    let path = std::env::args().nth(1).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    for _ in 0..4 {
        let t = std::time::Instant::now();
        let input = bayplan::read::from_bytes(&bytes, &path).unwrap_or_else(|e| panic!("{e}"));
        println!(
            "{} objects, {:?}, {} MB, skipped {}",
            input.objects.len(),
            t.elapsed(),
            bytes.len() / 1000000,
            input.skipped
        );
        let t = std::time::Instant::now();
        drop(input);
        println!("drop {:?}", t.elapsed());
    }
}
