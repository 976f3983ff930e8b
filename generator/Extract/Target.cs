namespace Trt.Generator.Extract;

/// <summary>A platform that clang lays classes out for.</summary>
/// <param name="Triple">Clang's name of it.</param>
/// <param name="IsMsvc">Microsoft's C++ ABI instead of the Itanium one.</param>
internal sealed record Target(string Triple, bool IsMsvc)
{
    /// <summary>The platform that syntax trees are read from.</summary>
    public static readonly Target LinuxX64 = new("x86_64-linux-gnu", false);

    /// <summary>The platform that Microsoft slots are read from.</summary>
    public static readonly Target WindowsX64 = new("x86_64-pc-windows-msvc", true);

    /// <summary>Must lay out everything as <see cref="LinuxX64"/> does.</summary>
    public static readonly Target LinuxArm64 = new("aarch64-linux-gnu", false);

    /// <summary>Must lay out everything as <see cref="WindowsX64"/> does.</summary>
    public static readonly Target WindowsArm64 = new("aarch64-pc-windows-msvc", true);

    /// <summary>All four.</summary>
    public static readonly IReadOnlyList<Target> All = [LinuxX64, LinuxArm64, WindowsX64, WindowsArm64];
}
