// SPDX-License-Identifier: GPL-3.0-or-later
// What stands on disk as JSON: the state of a depot, the record of a release, the bridge's memory.
// What is read of it is written so that the same is read again.
#include "core/model/state.hpp"

#include "core/model/release.hpp"
#include "rt-bridge/bridge/state.hpp"
#include "tests/fuzz/fuzz.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::text_of(data, size);
    core::State state;
    if (fuzz::is_sound([&] { state = core::state_from_json(text); })) {
        state.format = core::newest_state_format;
        fuzz::claim(core::state_from_json(core::to_json(state)) == state, "a state");
    }
    core::Release release;
    if (fuzz::is_sound([&] { release = core::release_from_json(text); })) {
        fuzz::claim(core::release_from_json(core::to_json(release)) == release, "a record");
    }
    bridge::State memory;
    if (fuzz::is_sound([&] { memory = bridge::state_from_json(text); })) {
        std::erase_if(memory.tickets, [](const auto& one) { return one.second.empty(); });
        fuzz::claim(bridge::state_from_json(bridge::to_json(memory)) == memory, "a memory");
    }
    return 0;
}
