//! The routing of values in Rust, compiled to WebAssembly, for the benchmark alone: as the core does it, and as one writes it. `values.h` has the
//! layout of the outputs.
#![no_std]

use core::ptr::{copy_nonoverlapping, read_unaligned, write_unaligned};

const SHORT_BYTES_MAX: u32 = 512;
const OUTPUT_BYTES: u32 = 64;
const OK: u32 = 0;
const FULL: u32 = 1;
const FAULT: u32 = 2;

#[repr(C)]
struct Output {
    arena: u32,
    limit: u32,
    ends: u32,
    cursor: u32,
    ends_cursor: u32,
    prefix_length: u32,
    batches_alone: [u32; 6],
    prefix: [u8; 16],
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}

unsafe fn word(address: u32) -> u32 {
    read_unaligned(address as *const u32)
}

unsafe fn step16(to: u32, from: u32) {
    write_unaligned(to as *mut u128, read_unaligned(from as *const u128));
}

unsafe fn open(outputs: u32) {
    for index in 0..2 {
        let output = &mut *((outputs + index * OUTPUT_BYTES) as *mut Output);
        output.cursor = output.arena;
        output.ends_cursor = output.ends;
    }
}

unsafe fn route_short(input: u32, input_bytes: u32, mut pair: u32, end: u32, outputs: u32) -> u32 {
    while pair < end {
        let (offset, length) = (word(pair), word(pair + 4));
        if offset as u64 + length as u64 > input_bytes as u64 {
            break;
        }
        let value = input + offset;
        let digit = (*((value + length).wrapping_sub(1) as *const u8) as u32).wrapping_sub(0x30);
        if (digit > 9) | (length.wrapping_sub(1) >= SHORT_BYTES_MAX) {
            break;
        }
        let output = &mut *((outputs + (digit & 1) * OUTPUT_BYTES) as *mut Output);
        let to = output.cursor + output.prefix_length;
        let next = to + length;
        if next > output.limit {
            break;
        }
        step16(output.cursor, output.prefix.as_ptr() as u32);
        step16(to, value);
        step16(to + 16, value + 16);
        let mut i = 32;
        while i < length {
            step16(to + i, value + i);
            step16(to + i + 16, value + i + 16);
            i += 32;
        }
        write_unaligned(output.ends_cursor as *mut u32, next - output.arena);
        output.ends_cursor += 4;
        output.cursor = next;
        pair += 8;
    }
    pair
}

unsafe fn route_one(input: u32, input_bytes: u32, pair: u32, outputs: u32) -> u32 {
    let (offset, length) = (word(pair), word(pair + 4));
    if offset as u64 + length as u64 > input_bytes as u64 || length == 0 {
        return FAULT;
    }
    let value = core::slice::from_raw_parts((input + offset) as *const u8, length as usize);
    let digit = value[value.len() - 1].wrapping_sub(b'0');
    if digit > 9 {
        return FAULT;
    }
    let (prefix, index): (&[u8], u32) = if digit % 2 == 0 { (b"Even timestamp: ", 0) } else { (b"Odd timestamp:", 1) };
    let output = &mut *((outputs + index * OUTPUT_BYTES) as *mut Output);
    let next = output.cursor + prefix.len() as u32 + length;
    if next > output.limit {
        return FULL;
    }
    copy_nonoverlapping(prefix.as_ptr(), output.cursor as *mut u8, prefix.len());
    copy_nonoverlapping(value.as_ptr(), (output.cursor + prefix.len() as u32) as *mut u8, value.len());
    output.cursor = next;
    write_unaligned(output.ends_cursor as *mut u32, next - output.arena);
    output.ends_cursor += 4;
    OK
}

/// # Safety
/// All addresses are the caller's to lay out.
#[no_mangle]
pub unsafe extern "C" fn values_as_core(input: u32, input_bytes: u32, table: u32, count: u32, outputs: u32) -> u32 {
    open(outputs);
    let (mut pair, end) = (table, table + 8 * count);
    while pair < end {
        pair = route_short(input, input_bytes, pair, end, outputs);
        if pair == end {
            break;
        }
        let status = route_one(input, input_bytes, pair, outputs);
        if status != OK {
            return status;
        }
        pair += 8;
    }
    OK
}

/// # Safety
/// All addresses are the caller's to lay out.
#[no_mangle]
pub unsafe extern "C" fn values_as_written(input: u32, input_bytes: u32, table: u32, count: u32, outputs: u32) -> u32 {
    open(outputs);
    for index in 0..count {
        let status = route_one(input, input_bytes, table + 8 * index, outputs);
        if status != OK {
            return status;
        }
    }
    OK
}
