using Trt.Build;

namespace Trt.Tests;

/// <summary>The checkout as the build tool sees it.</summary>
internal static partial class Checkout
{
    public static Repository Repository => field ??= new(Root);
}
