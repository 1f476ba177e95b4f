// SPDX-License-Identifier: GPL-3.0-or-later
// Cells: processes in which hostile bytes are read, by libraries that may have bugs. A cell has the
// open files that it is given and the means to answer, nothing else (confinement.hpp): what such a
// bug can do is to answer wrongly, which whoever asks has to reckon with.
//
// A cell is forked by a fork server, which is made before this process knows anything worth having,
// and has no environment. It starts one in less than a millisecond, with its libraries warmed up,
// however large this process has become.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/system/channel.hpp"
#include "core/system/confinement.hpp"

namespace core {

/// What a cell can be asked for.
struct CellTask {
    /// Called in the fork server, once, before the first cell that may be asked: for what needs
    /// files or the environment. May be empty.
    std::function<void()> prepare;
    /// Called in the cell. Refused and Error come to whoever asked; any other exception ends the
    /// cell.
    std::function<std::string(std::string_view question, std::vector<File> files)> answer;
};
using CellTasks = std::map<std::string, CellTask, std::less<>>;

struct CellQuestion {
    std::string task;
    std::string text;
    std::vector<File> files;                   // at most Channel::most_files
    std::chrono::seconds processor_time{10};   // a bug's, not a limit that anything sound reaches
    std::uint64_t largest_answer = 64u << 20;  // bytes
};

/// A process that answers questions one after the other, each within its time; its end is that of
/// this object. Used by one thread.
class Cell {
  public:
    ~Cell();
    Cell(const Cell&) = delete;
    Cell& operator=(const Cell&) = delete;

    /// False if the cell has died.
    bool ask(const CellQuestion& question);

    /// To the question asked last; nothing if the cell has died, took four times its processor time
    /// from question to end of answer, or is not to be trusted any more: then it is not to be asked
    /// again. Throws what the task threw.
    std::optional<std::string> answer();

  private:
    friend class Cells;
    Cell(const class Cells& cells, Channel channel, pid_t process)
        : cells_(cells), channel_(std::move(channel)), process_(process) {}

    const Cells& cells_;
    Channel channel_;
    const pid_t process_;
    bool landlocked_ = false;
    std::uint64_t number_ = 0;  // of the question asked last
    std::uint64_t largest_answer_ = 0;
};

class Cells {
  public:
    /// Forks the server. To be called early, while there is one thread. Throws Error.
    explicit Cells(const CellTasks& tasks);
    ~Cells();
    Cells(const Cells&) = delete;
    Cells& operator=(const Cells&) = delete;

    /// A cell for some of the tasks. Throws Error if there can be none that is closed. Thread-safe.
    std::unique_ptr<Cell> start(std::span<const std::string> tasks, const CellLimits& limits) const;

    /// What a cell of its own answers, as Cell::answer(). Thread-safe.
    std::optional<std::string> ask(const CellQuestion& question, const CellLimits& limits) const;

    /// For people: that the kernel has no Landlock, where the other fences must do; empty if it
    /// has. Starts a cell to see.
    std::string remark() const;

  private:
    friend class Cell;
    std::string order(const std::string& text, std::span<const int> files = {}) const;
    void end(pid_t process) const noexcept;

    mutable std::mutex mutex_;
    Channel server_;
    pid_t process_ = -1;
};

/// The cells of one bundle: as many as ask at the same time. One that has died is not used again.
class CellPool {
  public:
    CellPool(const Cells& cells, std::vector<std::string> tasks, const CellLimits& limits)
        : cells_(cells), tasks_(std::move(tasks)), limits_(limits) {}

    /// As Cell::answer(). Throws Error if there can be no cell. Thread-safe.
    std::optional<std::string> ask(const CellQuestion& question);

  private:
    std::unique_ptr<Cell> take_idle();
    void keep(std::unique_ptr<Cell> cell);

    const Cells& cells_;
    const std::vector<std::string> tasks_;
    const CellLimits limits_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<Cell>> idle_;
};

}  // namespace core
