namespace SamplePlugins;

/// <summary>What a kernel does, done by the CPU.</summary>
internal interface IHostWork
{
    void Run();
}
