//! What a person does in the window, told as scenarios.

mod demo;
mod disk;
mod failures;
mod fitting;
mod frozen;
mod grid;
mod guarded;
mod main_job;
mod no_screen;
mod pointer;
mod reading;
mod screens;
mod sessions;
