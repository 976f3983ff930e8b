namespace Trt.Lite;

/// <summary>A post-processor as it was registered.</summary>
/// <param name="Name">What its result is called.</param>
/// <param name="Outputs">The outputs that it sees; <c>*</c> is the only one.</param>
/// <param name="Postprocessor">The post-processor.</param>
internal sealed record PostprocessorEntry(string Name, string[] Outputs, Postprocessor Postprocessor);
