using Trt.Utils.Tests.Processes;
using Xunit;

namespace Trt.Utils.Tests.Engines;

public sealed class AtomicFileTests : IDisposable
{
    private readonly ScratchFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Replaces_the_old_file_at_once()
    {
        string path = folder["a.bin"];
        File.WriteAllText(path, "old");
        using (AtomicFile file = AtomicFile.Create(path))
        {
            file.Write("ne"u8);
            Assert.Equal("old", File.ReadAllText(path));
            file.Write("w"u8);
            file.Commit();
        }

        Assert.Equal("new", File.ReadAllText(path));
        Assert.Equal(["a.bin"], folder.Files);
    }

    [Fact]
    public void Without_commit_nothing_changes()
    {
        string path = folder["a.bin"];
        File.WriteAllText(path, "old");
        using (AtomicFile file = AtomicFile.Create(path))
        {
            file.Write(new byte[1_000_000]);
        }

        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal(["a.bin"], folder.Files);
    }

    [Fact]
    public async Task Readers_see_one_of_the_files_at_every_moment()
    {
        string path = folder["a.bin"];
        byte[][] contents = [[.. Enumerable.Repeat((byte)1, 50_000)], [.. Enumerable.Repeat((byte)2, 90_000)]];
        AtomicFile.Write(path, contents[0]);
        Task reader = Task.Run(() =>
        {
            for (int i = 0; i < 500; i++)
            {
                byte[] seen = File.ReadAllBytes(path);
                Assert.True(seen.AsSpan().SequenceEqual(contents[0]) || seen.AsSpan().SequenceEqual(contents[1]), $"{seen.Length} bytes");
            }
        });
        int writes = 0;
        for (; !reader.IsCompleted || writes < 20; writes++)
        {
            AtomicFile.Write(path, contents[writes & 1]);
        }

        await reader;
    }

    [Fact]
    public void Killed_while_writing_leaves_the_old_file_and_the_next_writer_cleans_up()
    {
        string path = folder["a.bin"];
        File.WriteAllText(path, "old");
        using Child writer = Child.Start("write-half", path);
        Assert.Equal("half", writer.ReadLine());
        string leftover = Assert.Single(folder.Files, name => name.EndsWith(".tmp", StringComparison.Ordinal));

        // While its writer lives it stays, however old it looks.
        File.SetLastWriteTimeUtc(folder[leftover], DateTime.UtcNow - TimeSpan.FromHours(1));
        AtomicFile.Sweep(path, AtomicFile.LeftoverAge);
        AtomicFile.Sweep(path, TimeSpan.Zero);
        Assert.Contains(leftover, folder.Files);

        writer.Kill();
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal(2, folder.Files.Length);
        AtomicFile.Write(path, "new"u8);
        Assert.Equal("new", File.ReadAllText(path));
        Assert.Equal(["a.bin"], folder.Files);
    }

    [Fact]
    public void Young_leftovers_stay_for_their_writers()
    {
        string path = folder["a.bin"];
        File.WriteAllText(path + ".0123456789abcdef.tmp", "young");
        AtomicFile.Write(path, "new"u8);
        Assert.Equal(2, folder.Files.Length);
        AtomicFile.Sweep(path, TimeSpan.Zero);
        Assert.Equal(["a.bin"], folder.Files);
    }

    [SkippableFact]
    public void Limit_of_file_sizes_is_named()
    {
        // Without the trap the system kills the child at the limit, which another test does by itself.
        Skip.IfNot(OperatingSystem.IsLinux(), "ulimit is the shell's of Linux.");
        string path = folder["a.bin"];
        File.WriteAllText(path, "old");
        using Child writer = Child.StartAfter("trap '' XFSZ && ulimit -f 8192", [], "write", path, "100000000");
        (int code, string output) = writer.Finish();
        Assert.True(code == 0, $"{code} {output} {writer.Errors}");
        Assert.StartsWith($"{path} cannot be written: there is no space left for it.", output, StringComparison.Ordinal);
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal(["a.bin"], folder.Files);
    }

    [Fact]
    public void Place_below_a_file_is_named()
    {
        File.WriteAllText(folder["file"], "x");
        IOException error = Assert.Throws<IOException>(() => AtomicFile.Write(folder["file/a.bin"], "x"u8));
        Assert.StartsWith($"{folder["file/a.bin"]} cannot be written: ", error.Message, StringComparison.Ordinal);
    }
}
