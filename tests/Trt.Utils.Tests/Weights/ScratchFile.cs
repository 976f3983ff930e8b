namespace Trt.Utils.Tests.Weights;

/// <summary>A file of given bytes that is gone after the test.</summary>
internal sealed class ScratchFile : IDisposable
{
    public ScratchFile(byte[] content, string suffix = ".pth")
    {
        Path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"trt-utils-{Guid.NewGuid():N}{suffix}");
        File.WriteAllBytes(Path, content);
    }

    public string Path { get; }

    public void Dispose() => File.Delete(Path);
}
