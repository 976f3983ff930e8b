namespace Trt.Cpu;

/// <summary>A loop or a conditional: what its boundary layers enclose runs several times, or not at all.</summary>
/// <param name="network">Where it is.</param>
/// <param name="name">Its name, until the user gives it one.</param>
internal abstract class ControlScope(CpuNetwork network, string name)
{
    private string name = name;

    public CpuNetwork Network { get; } = network;

    /// <summary>Name in messages.</summary>
    public string Label => name;

    public string Name
    {
        get
        {
            Network.ThrowIfDisposed();
            return name;
        }

        set
        {
            ArgumentNullException.ThrowIfNull(value);
            Network.ThrowIfDisposed();
            name = value;
        }
    }
}
