using Trt.Interop.Tests.Libraries;
using Xunit;

namespace Trt.Interop.Tests.Loading;

/// <summary>A library is loaded once, however many ask for it.</summary>
[Collection(RtxCollection.Name)]
public sealed class LoaderConcurrencyTests
{
    [SkippableFact]
    public void Second_load_gives_the_same_object()
    {
        TensorRtLibrary library = RtxLibrary.Load();

        Assert.Same(library, RtxLibrary.Load());
        Assert.Same(library, TensorRt.Load(Path.Combine(RtxLibrary.Folder, "libtensorrt_rtx.so.1")));
        Assert.Same(library, TensorRt.Load(Path.Combine(RtxLibrary.Folder, "libtensorrt_rtx.so")));
        Assert.Same(library, TensorRt.Load(new TensorRtOptions { LibraryPath = RtxLibrary.Folder, Flavour = Flavour.TensorRTRtx }));
    }

    [SkippableFact]
    public void Many_threads_get_the_same_object()
    {
        using FileCopy copy = new(LeanLibraries.PathOf(10));
        const int threads = 16;
        int loads = 0;
        TensorRtLibrary[] libraries = new TensorRtLibrary[threads];
        using Barrier barrier = new(threads);
        Thread[] workers = [.. Enumerable.Range(0, threads).Select(i => new Thread(() =>
        {
            barrier.SignalAndWait();
            libraries[i] = TensorRt.Load(new TensorRtOptions
            {
                LibraryPath = copy.Path,
                Log = (_, text) => Interlocked.Add(ref loads, text.StartsWith("Loaded ", StringComparison.Ordinal) ? 1 : 0),
            });
        }))];
        foreach (Thread worker in workers)
        {
            worker.Start();
        }

        foreach (Thread worker in workers)
        {
            worker.Join();
        }

        Assert.Single(libraries.Distinct());
        Assert.Equal(1, loads);
    }
}
