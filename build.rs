//! Tell the crate whether it is compiled without optimization, for `debug_assertions` does not, and whether it has native
//! code: the feature, on a system that it is written for.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-check-cfg=cfg(unoptimized)");
    println!("cargo::rustc-check-cfg=cfg(native_code)");
    let is = |name: &str, value: &str| std::env::var(name).is_ok_and(|found| found == value);
    let has = |name: &str| std::env::var_os(name).is_some();
    if has("CARGO_FEATURE_NATIVE") && is("CARGO_CFG_TARGET_ARCH", "x86_64") && has("CARGO_CFG_UNIX")
    {
        println!("cargo::rustc-cfg=native_code");
    }
    if std::env::var("OPT_LEVEL").is_ok_and(|level| level == "0") {
        println!("cargo::rustc-cfg=unoptimized");
    }
}
