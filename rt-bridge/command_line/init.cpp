// SPDX-License-Identifier: GPL-3.0-or-later
// init: makes a depot, with its key and a first generation in which every repository is empty.

#include "core/model/reason.hpp"
#include "core/model/text.hpp"
#include "core/system/entries.hpp"
#include "core/system/files.hpp"
#include "core/system/flusher.hpp"
#include "rt-bridge/command_line/commands.hpp"
#include "rt-bridge/command_line/output.hpp"
#include "rt-bridge/command_line/program.hpp"
#include "rt-bridge/command_line/report.hpp"

namespace command_line {
namespace fs = std::filesystem;
namespace {

struct InitOptions {
    std::string directory;
    std::string line = "main";
    std::string new_key;
    std::string key;
    std::string key_type = "rsa3072";
    std::string public_url;
    bool allow_unsigned = false;
    core::Asked asked;
};

void refuse_unless_new(const fs::path& directory) {
    if (!core::entries(directory, core::Absent::is_empty).empty()) {
        throw core::Refused(core::reason::nothing_to_do,
                            directory.string() + " exists and is not empty",
                            "name a new directory; a depot that is there can be used as it is");
    }
}

/// gpg does not, and nobody else writes there.
void flush_new_key(const fs::path& home) {
    core::Flusher flusher;
    for (const core::Entry& entry : core::files_below(home)) {
        if (entry.kind == core::Kind::file) flusher.take(core::File::open_to_read(entry.path));
    }
    flusher.add_tree(home);
    flusher.flush();
}

core::NewConfiguration choices(const InitOptions& options, const fs::path& directory) {
    core::NewConfiguration made;
    made.line = options.line;
    made.public_url = options.public_url;
    made.signatures = options.allow_unsigned ? core::SignaturePolicy::allow_unsigned
                                             : core::SignaturePolicy::require;
    if (!options.key.empty()) {
        made.signing_key = options.key;
        return made;
    }
    made.signing_home = "gnupg";
    made.signing_key =
        signing::generate_key(directory / made.signing_home, options.new_key,
                              options.key_type == "ed25519" ? signing::NewKeyAlgorithm::ed25519
                                                            : signing::NewKeyAlgorithm::rsa3072);
    flush_new_key(directory / made.signing_home);
    return made;
}

void say_plan(const Commands& commands, const InitOptions& options, const fs::path& directory) {
    const std::string key =
        options.key.empty() ? "a new " + options.key_type + " key" : options.key;
    if (commands.json) {
        print({{"depot", directory.string()}, {"key", key}, {"done", false}});
    } else {
        say("init, dry run: nothing was changed\n  would make the depot {} with {}\n",
            directory.string(), key);
    }
}

int init(const Commands& commands, const InitOptions& options) {
    const fs::path directory =
        options.directory.empty() ? commands.depot : fs::path(options.directory);
    refuse_unless_new(directory);
    if (!core::is_plain_name(options.line)) {
        throw core::Refused(core::reason::bad_value,
                            "a line cannot be called '" + core::escaped(options.line) + "'",
                            "use small letters, digits, '.', '_' and '-'");
    }
    if (options.asked.dry_run) {
        say_plan(commands, options, directory);
        return 0;
    }
    const bool was_there = core::kind_of(directory).has_value();
    core::make_directories(directory);
    try {
        const std::string text = core::new_configuration(choices(options, directory));
        core::parse_configuration(text, "sluice.toml");  // what was typed must make sense in it
        core::create_depot(directory, text);
        Program program(directory, commands.cells);
        note_done(commands, program.operations().init(options.asked));
        const std::string key = program.signer().fingerprint();
        const std::string root = program.depot.layout.root.string();
        if (commands.json) {
            print({{"depot", root}, {"key", key}, {"public_url", options.public_url}});
        } else {
            say("made the depot {}\nkey:           {}\nconfiguration: {}/sluice.toml\n"
                "public tree:   {}/public\n",
                root, key, root, root);
        }
    } catch (const core::Unconfirmed&) {
        throw;
    } catch (...) {
        if (!commands.done.empty()) throw;
        for (const core::Entry& entry : core::entries(directory)) core::remove_tree(entry.path);
        if (!was_there) core::remove_tree(directory);
        throw;
    }
    return 0;
}

}  // namespace

void add_init(Commands& commands) {
    const auto options = std::make_shared<InitOptions>();
    CLI::App& command = commands.add("init", "Make a new depot");
    command.add_option("DIR", options->directory, "directory; new or empty. Default: the depot");
    command.add_option("--line", options->line, "name of its first line, such as umd5")
        ->capture_default_str();
    auto* key = command.add_option("--key", options->key,
                                   "fingerprint of a key in your own GnuPG home to sign with");
    auto* new_key = command.add_option("--generate-key", options->new_key,
                                       "make a key for \"Name <mail>\", kept in DIR/gnupg");
    new_key->excludes(key);
    command.add_option("--key-type", options->key_type, "of the new key")
        ->check(CLI::IsMember({"rsa3072", "ed25519"}))
        ->capture_default_str();
    command.add_option("--public-url", options->public_url,
                       "where sites will see DIR/public; needed for mirror lists");
    command.add_flag("--allow-unsigned", options->allow_unsigned, "admit RPMs without a signature");
    command.add_flag("--dry-run", options->asked.dry_run, "say what would be made, change nothing");
    command.callback([&commands, options, key, new_key] {
        if (key->empty() && new_key->empty()) {
            throw CLI::RequiredError("--generate-key or --key");
        }
        options->asked.by = default_requester();
        commands.action = [&commands, options] { return init(commands, *options); };
    });
}

}  // namespace command_line
