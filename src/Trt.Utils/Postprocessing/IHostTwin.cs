namespace Trt.Utils;

/// <summary>What a kernel does, done by the CPU.</summary>
internal interface IHostTwin
{
    /// <summary>Computes.</summary>
    void Run();
}
