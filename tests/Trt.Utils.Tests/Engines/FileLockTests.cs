using System.Globalization;
using Trt.Utils.Tests.Processes;
using Xunit;

namespace Trt.Utils.Tests.Engines;

public sealed class FileLockTests : IDisposable
{
    private readonly ScratchFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void One_at_a_time_and_free_again()
    {
        string path = folder["deep/down/a.lock"];
        using (FileLock first = FileLock.Acquire(path))
        {
            Assert.True(first.Protects);
            Assert.Null(FileLock.TryAcquire(path));
        }

        using FileLock? again = FileLock.TryAcquire(path);
        Assert.NotNull(again);
    }

    [Fact]
    public void Other_processes_are_kept_out()
    {
        string path = folder["a.lock"];
        using FileLock mine = FileLock.Acquire(path);
        using (Child other = Child.Start("try-lock", path))
        {
            Assert.Equal("busy", other.ReadLine());
        }

        mine.Dispose();
        using Child later = Child.Start("try-lock", path);
        Assert.Equal("free", later.ReadLine());
    }

    [Fact]
    public void Killed_holder_frees_it()
    {
        string path = folder["a.lock"];
        using Child holder = Child.Start("hold-lock", path);
        Assert.Equal("held", holder.ReadLine());
        Assert.Null(FileLock.TryAcquire(path));

        holder.Kill();

        using FileLock? taken = FileLock.TryAcquire(path);
        Assert.NotNull(taken);
    }

    [Fact]
    public async Task Waiting_is_told_once_and_ends_with_the_holder()
    {
        string path = folder["a.lock"];
        FileLock first = FileLock.Acquire(path);
        TaskCompletionSource told = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int times = 0;
        Task<FileLock> waiter = FileLock.AcquireAsync(path, waiting: Told).AsTask();
        Task<FileLock> thread = Task.Run(() => FileLock.Acquire(path));
        await told.Task;
        Assert.False(waiter.IsCompleted);
        Assert.False(thread.IsCompleted);

        first.Dispose();

        Task<FileLock> one = await Task.WhenAny(waiter, thread);
        Assert.False(waiter.IsCompleted && thread.IsCompleted);
        (await one).Dispose();
        (await (one == waiter ? thread : waiter)).Dispose();
        Assert.Equal(1, times);

        void Told()
        {
            times++;
            told.SetResult();
        }
    }

    [Fact]
    public async Task Waiting_is_cancelled_on_both_ways()
    {
        string path = folder["a.lock"];
        using FileLock first = FileLock.Acquire(path);
        using CancellationTokenSource stop = new();
        Task thread = Task.Run(() => FileLock.Acquire(path, stop.Token, stop.Cancel));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => thread);
        using CancellationTokenSource stopToo = new();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => FileLock.AcquireAsync(path, stopToo.Token, stopToo.Cancel).AsTask());
    }

    [Fact]
    public void Waiting_does_not_spin()
    {
        string path = folder["a.lock"];
        using FileLock mine = FileLock.Acquire(path);
        using Child waiter = Child.Start("wait-lock", path, "2000");

        double milliseconds = double.Parse(waiter.ReadLine()!, CultureInfo.InvariantCulture);

        // Forty looks in two seconds; a loop without pauses would take nearly all of them.
        Assert.InRange(milliseconds, 0, 600);
    }

    [Fact]
    public void Impossible_place_is_named()
    {
        File.WriteAllText(folder["file"], "x");
        IOException error = Assert.Throws<IOException>(() => FileLock.TryAcquire(folder["file/a.lock"]));
        Assert.StartsWith($"{folder["file/a.lock"]} cannot be written: ", error.Message, StringComparison.Ordinal);
    }
}
