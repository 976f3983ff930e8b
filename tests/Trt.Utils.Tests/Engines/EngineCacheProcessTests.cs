using System.Diagnostics;
using Trt.Utils.Tests.Processes;
using Xunit;

namespace Trt.Utils.Tests.Engines;

/// <summary>What several processes do to one cache: at once, killed, without room, without the right to write.</summary>
public sealed class EngineCacheProcessTests : IDisposable
{
    private readonly ScratchFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Second_process_waits_for_the_first_one_s_build()
    {
        using Child first = Child.Start("cache", folder.Path, "a", "100000", "pause");
        Assert.Equal("building", first.ReadLine());
        using Child second = Child.Start("cache", folder.Path, "a", "100000");
        Assert.Equal("waiting", second.ReadLine());

        first.Continue();

        Assert.EndsWith("built True\n", Output(first), StringComparison.Ordinal);
        string output = Output(second);
        Assert.EndsWith("cached True\n", output, StringComparison.Ordinal);
        Assert.DoesNotContain("building", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Processes_that_start_at_once_build_once_and_all_succeed()
    {
        Child[] children = [.. Enumerable.Range(0, 4).Select(_ => Child.Start("cache", folder.Path, "a", "3000000"))];

        string[] outputs = [.. children.Select(Output)];

        Array.ForEach(children, child => child.Dispose());
        Assert.Single(outputs, output => output.Contains("building\n", StringComparison.Ordinal));
        Assert.Single(outputs, output => output.EndsWith("built True\n", StringComparison.Ordinal));
        Assert.Equal(3, outputs.Count(output => output.EndsWith("cached True\n", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("pause")]
    [InlineData("half")]
    public void Killed_in_the_build_or_while_writing_the_next_one_builds(string manner)
    {
        using Child first = Child.Start("cache", folder.Path, "a", "1000000", manner);
        Assert.Equal("building", first.ReadLine());
        using Child second = Child.Start("cache", folder.Path, "a", "1000000");
        Assert.Equal("waiting", second.ReadLine());

        first.Kill();

        Assert.Equal("building", second.ReadLine());
        Assert.EndsWith("built True\n", Output(second), StringComparison.Ordinal);
        string id = MadePlans.Key("a").Id;
        Assert.Equal([id + ".json", id + ".plan"], folder.Files); // what the first one left is gone
    }

    [Fact]
    public async Task Killed_at_any_moment_never_leaves_a_bad_engine()
    {
        Random random = new(15);
        EngineCache cache = new(folder.Path);
        int found = 0;
        for (int round = 0; round < Rounds; round++)
        {
            using (Child child = Child.Start("cache-forever", folder.Path))
            {
                Assert.Equal("begun", child.ReadLine());
                await Task.Delay(random.Next(400));
                child.Kill();
            }

            foreach ((string name, int bytes) in CacheChildren.Sizes)
            {
                using CachedPlan? plan = cache.TryGet(MadePlans.Key(name));
                found += plan is null ? 0 : 1;
                Assert.True(plan is null || plan.Span.SequenceEqual(MadePlans.Of(name, bytes)), $"round {round}: {name} is wrong");
            }
        }

        // The next process cleans up and has everything.
        foreach ((string name, int bytes) in CacheChildren.Sizes)
        {
            using CachedPlan plan = cache.GetOrBuild(MadePlans.Key(name), stream => stream.Write(MadePlans.Of(name, bytes)));
            Assert.True(plan.Span.SequenceEqual(MadePlans.Of(name, bytes)));
        }

        Assert.True(found > 0);
        Assert.Equal(CacheChildren.Sizes.Count, cache.Hits + cache.Misses);
    }

    [SkippableFact]
    public void Full_disk_is_a_clear_error_and_no_entry()
    {
        Skip.IfNot(CanMount(), Why);
        string disk = Directory.CreateDirectory(folder["disk"]).FullName;

        using Child child = Child.StartAfter($"mount -t tmpfs -o size=1m tmpfs {disk}", ["unshare", "-m"], "cache", disk, "a", "4000000");

        string output = Output(child);
        string error = Assert.Single(output.Split('\n'), line => line.StartsWith("error ", StringComparison.Ordinal));
        Assert.Equal($"error {disk}/{MadePlans.Key("a").Id}.plan cannot be written: there is no space left for it. Free some in {disk}, raise the quota or limit of file sizes, or choose a folder on another disk.", error);
    }

    [SkippableFact]
    public void Full_disk_with_the_option_gives_the_plan_and_a_warning()
    {
        Skip.IfNot(CanMount(), Why);
        string disk = Directory.CreateDirectory(folder["disk"]).FullName;

        using Child child = Child.StartAfter($"mount -t tmpfs -o size=1m tmpfs {disk}", ["unshare", "-m"], "cache", disk, "a", "4000000", "anyway");

        string output = Output(child);
        Assert.Contains("is built without being kept: ", output, StringComparison.Ordinal);
        Assert.EndsWith("built True\n", output, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Limit_of_file_sizes_is_a_clear_error_and_no_entry()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "ulimit is the shell's of Linux.");

        // Units are of 512 bytes; .NET itself maps files of up to 2 MB for its code.
        using Child child = Child.StartAfter("trap '' XFSZ && ulimit -f 8192", [], "cache", folder.Path, "a", "9000000");

        Assert.Contains("cannot be written: there is no space left for it.", Output(child), StringComparison.Ordinal);
        Assert.Empty(folder.Files);
    }

    [SkippableFact]
    public void Killed_by_the_limit_of_file_sizes_the_next_one_builds()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "ulimit is the shell's of Linux.");
        using (Child child = Child.StartAfter("ulimit -f 8192", [], "cache", folder.Path, "a", "9000000"))
        {
            Assert.Equal(128 + 25, child.Finish().ExitCode); // SIGXFSZ
        }

        Assert.EndsWith(".tmp", Assert.Single(folder.Files), StringComparison.Ordinal);
        using Child next = Child.Start("cache", folder.Path, "a", "9000000");
        Assert.EndsWith("built True\n", Output(next), StringComparison.Ordinal);
        Assert.Equal(2, folder.Files.Length);
    }

    [SkippableFact]
    public void Read_only_folder_gives_what_it_has_and_refuses_to_build()
    {
        Skip.IfNot(CanMount(), Why);
        string cache = Directory.CreateDirectory(folder["cache"]).FullName;
        new EngineCache(cache).GetOrBuild(MadePlans.Key("a"), stream => stream.Write(MadePlans.Of("a", 1000))).Dispose();
        string readOnly = $"mount --bind {cache} {cache} && mount -o remount,ro,bind {cache}";

        using Child hit = Child.StartAfter(readOnly, ["unshare", "-m"], "cache", cache, "a", "1000");
        Assert.EndsWith("cached True\n", Output(hit), StringComparison.Ordinal);

        using Child miss = Child.StartAfter(readOnly, ["unshare", "-m"], "cache", cache, "b", "1000");
        string output = Output(miss);
        Assert.DoesNotContain("building", output, StringComparison.Ordinal); // said before the minutes of a build
        Assert.StartsWith($"error {cache}/locks/{MadePlans.Key("b").Id}.lock cannot be written: the folder or file is read-only or belongs to somebody else.", output, StringComparison.Ordinal);

        using Child anyway = Child.StartAfter(readOnly, ["unshare", "-m"], "cache", cache, "b", "1000", "anyway");
        Assert.EndsWith("built True\n", Output(anyway), StringComparison.Ordinal);
    }

    private const string Why = "Needs the right to mount in a namespace of its own (unshare -m, as root): root may write to a folder whatever its permissions say, and only a small or read-only file system stops it.";

    private static int Rounds => int.TryParse(Environment.GetEnvironmentVariable("TRT_KILL_ROUNDS"), out int rounds) ? rounds : 12;

    private static bool CanMount()
    {
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        using Process? tried = Process.Start(new ProcessStartInfo("unshare", ["-m", "sh", "-c", "mount -t tmpfs tmpfs /mnt"]) { RedirectStandardError = true });
        tried?.WaitForExit();
        return tried?.ExitCode == 0;
    }

    private static string Output(Child child)
    {
        (int code, string output) = child.Finish();
        Assert.True(code == 0, $"exit code {code}: {output} {child.Errors}");
        return output.ReplaceLineEndings("\n");
    }
}
